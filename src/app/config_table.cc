#include <algorithm>
#include <iterator>

#include "app/config.h"
#include "app/setting_setters.h"

// The table itself. A row: name, kind, default, bounds, prose, and what it does to the settings.

namespace ferry::app {
namespace {

using Rows = std::vector<SettingInfo>;

// clang-format off: one row stays one row
Rows listening_rows() {
  return {
      {"listen", "text", "127.0.0.1:8080", "host:port; port 0 takes any free one",
       "Address of the API. It binds the loopback address unless told more.",
       listen_address},
      {"log_port", "integer", "0", "0-65535; 0: none",
       "A second port with the same API (the cloud tool of development serves its logs there).",
       integer(&Settings::log_port, {0, 65535})},
      {"tls.certificate_file", "text", "", "a PEM chain",
       "Certificate of the API listener; with the key it speaks TLS. Read again on SIGHUP.",
       text(&Settings::tls_certificate_file)},
      {"tls.key_file", "text", "", "PEM",
       "Private key of the API listener.",
       text(&Settings::tls_key_file)},
      {"trusted_proxies", "list", "", "CIDRs",
       "Proxies whose X-Forwarded-For names the caller.",
       list(&Settings::trusted_proxies)},
      {"connections_max", "integer", "10000", "16-1000000",
       "Client connections at once, all threads together; idle ones are closed for new ones.",
       integer(&Settings::connections_max, {16, 1000000})},
      {"connections_per_address_max", "integer", "1024", "1-1000000",
       "Connections of one IPv4 address or IPv6 /64 that have not authenticated a request yet.",
       integer(&Settings::connections_per_address_max, {1, 1000000})},
      {"metrics.listen", "text", "", "host:port",
       "A listener of its own for /metrics and /healthz, without a token.",
       metrics_listen},
      {"metrics.token", "text", "", "",
       "Bearer token for /metrics on the API listener; without one it is not served there.",
       text(&Settings::metrics_token)},
  };
}

Rows running_rows() {
  return {
      {"data", "text", "ferry-data", "a folder",
       "Where everything is kept.",
       data_folder},
      {"ephemeral", "flag", "false", "",
       "Keep everything in memory and lose it at the end.",
       flag(&Settings::ephemeral)},
      {"io_threads", "integer", "0", "0-256; 0: half of the cores",
       "Threads that serve connections and run attempts.",
       integer(&Settings::io_threads, {0, 256})},
      {"reader_threads", "integer", "2", "1-64",
       "Threads that read the store for lists and loads.",
       integer(&Settings::reader_threads, {1, 64})},
      {"engine_host", "text", "auto", "auto, inline or thread",
       "Where the engine runs: on the loop of the only I/O thread, on its own thread, or as "
       "measured.",
       engine_hosting},
      {"drain_timeout", "duration", "30s", "up to 1h",
       "How long running calls and attempts may take to end when the server stops.",
       duration(&Settings::drain_timeout, Duration{0}, std::chrono::hours(1))},
      {"accept_wait", "duration", "10s", "up to 5m",
       "How long a publisher waits while the server is busy before it gets 503.",
       duration(&Settings::accept_wait, Duration{0}, std::chrono::minutes(5))},
      {"region", "text", "EU-CENTRAL-1", "",
       "Value of the Upstash-Region header of deliveries.",
       text(&Settings::region)},
  };
}

Rows memory_rows() {
  return {
      {"memory", "bytes", "auto", "64 MB-1 TB, auto: what the process may use, at most 2 GB",
       "Memory to plan with. Every byte budget that is auto is a part of it.",
       budget(&Settings::memory, 64ull << 20, 1ull << 40)},
      {"reading_memory", "bytes", "auto", "1 MB-64 GB, auto: 3/16 of memory",
       "Memory for the bodies of requests that are being read.",
       budget(&Settings::reading_memory, 1ull << 20, 64ull << 30)},
      {"inbox_memory", "bytes", "auto", "1 MB-64 GB, auto: 1/16 of memory",
       "Memory for calls that wait for the engine.",
       budget(&Settings::inbox_memory, 1ull << 20, 64ull << 30)},
      {"answer_memory", "bytes", "auto", "1 MB-64 GB, auto: 1/8 of memory",
       "Memory for answers that are being written, and for answers of endpoints.",
       budget(&Settings::answer_memory, 1ull << 20, 64ull << 30)},
  };
}

Rows message_rows() {
  return {
      {"message.body_bytes_max", "bytes", "10MB", "1 B-1 GB",
       "Largest body of one message.",
       bytes(&Settings::body_bytes_max, 1, 1ull << 30)},
      {"message.batch_bytes_max", "bytes", "100MB", "1 B-1 GB",
       "Largest body of one batch call.",
       bytes(&Settings::batch_bytes_max, 1, 1ull << 30)},
      {"message.default_retries", "integer", "3", "0-1000000",
       "Retries of a message that does not say.",
       integer(&Settings::default_retries, {0, limits::kRetriesMax})},
      {"message.retries_max", "integer", "1000000", "0-1000000",
       "Most retries a message may ask for.",
       integer(&Settings::retries_max, {0, limits::kRetriesMax})},
      {"message.delay_max", "duration", "3650d", "up to 3650d",
       "Longest delay a message may ask for.",
       duration(&Settings::delay_max, Duration{0}, limits::kDelayMax)},
      {"retry.backoff_factor", "number", "2", "0.1-10",
       "k in the default wait of min(retry.backoff_max, e^(k*n)) seconds before retry n. "
       "2.5 is the spacing of the public service.",
       backoff_factor},
      {"retry.backoff_max", "duration", "1d", "1s-365d",
       "Longest default wait between attempts.",
       duration(&Settings::backoff_max, std::chrono::seconds(1), std::chrono::hours(24 * 365))},
      {"dedup_window", "duration", "10m", "1s-7d",
       "How long a deduplication id is remembered.",
       duration(&Settings::dedup_window, std::chrono::seconds(1), std::chrono::hours(24 * 7))},
      {"finished_visible", "duration", "1m", "up to 1d",
       "How long GET /v2/messages/{id} still shows a finished message.",
       duration(&Settings::finished_visible, Duration{0}, std::chrono::hours(24))},
  };
}

Rows delivery_rows() {
  return {
      {"delivery.in_flight_max", "integer", "1000", "1-100000",
       "Attempts running at once, all hosts together; see also delivery.slow_after.",
       integer(&Settings::in_flight_max, {1, 100000})},
      {"delivery.host_in_flight_max", "integer", "100000", "1-100000",
       "Attempts running at once to one host, if that is to be fewer than delivery.in_flight_max.",
       integer(&Settings::host_in_flight_max, {1, 100000})},
      {"delivery.slow_after", "duration", "1s", "10ms-1m",
       "Attempts that run longer, and those to hosts that have not answered for 10 s, count "
       "against the shares of delivery.in_flight_max: half of it for all of them, a quarter for "
       "those of a tenant, an eighth for those to an address.",
       duration(&Settings::slow_after, Duration{10}, std::chrono::minutes(1))},
      {"delivery.timeout_max", "duration", "2h", "1s-24h",
       "Longest time of one attempt, connecting included.",
       duration(&Settings::attempt_timeout_max, std::chrono::seconds(1), std::chrono::hours(24))},
      {"delivery.connect_timeout", "duration", "10s", "10ms-5m",
       "Longest time to connect.",
       duration(&Settings::connect_timeout, Duration{10}, std::chrono::minutes(5))},
      {"delivery.response_bytes_max", "bytes", "1MB", "0-100 MB",
       "How much of an answer is kept.",
       bytes(&Settings::response_bytes_max, 0, 100ull << 20)},
      {"delivery.body_memory", "bytes", "auto", "1 MB-64 GB, auto: 1/8 of memory",
       "Memory for the bodies of deliveries: three quarters for those that are due or nearly so, a "
       "quarter for bodies of over 64 KB, which are read while they are sent.",
       budget(&Settings::body_memory, 1ull << 20, 64ull << 30)},
      {"delivery.window_rows_max", "integer", "50000", "100-10000000",
       "Deliveries held in memory.",
       integer(&Settings::window_rows_max, {100, 10000000})},
      {"delivery.allow_private_targets", "flag", "false", "",
       "Deliver to loopback, private and other internal addresses.",
       flag(&Settings::allow_private_targets)},
      {"delivery.allowed_cidrs", "list", "", "CIDRs",
       "Internal networks that may be delivered to.",
       list(&Settings::allowed_cidrs)},
      {"delivery.ca_file", "text", "", "PEM",
       "Certificate authorities trusted besides those of the system.",
       text(&Settings::ca_file)},
      {"delivery.shared_addresses", "list", "", "CIDRs",
       "Addresses that many hosts share, such as those of a CDN or an ingress. They have no share "
       "of their own of the attempts that run.",
       list(&Settings::shared_addresses)},
      {"delivery.resolver", "text", "c-ares", "c-ares or system",
       "How host names are looked up. c-ares: the hosts file, then DNS as resolv.conf says, any "
       "number of names at once. system: getaddrinfo with all that nsswitch.conf names, on a few "
       "threads.",
       resolver},
      {"delivery.nameservers", "list", "", "address or address:port",
       "Nameservers that c-ares asks instead of those of resolv.conf.",
       nameservers},
      {"delivery.proxy", "text", "", "http://host:port",
       "Forward proxy for all deliveries.",
       text(&Settings::proxy)},
      {"delivery.connect_to", "map", "", "host:port=host:port",
       "Connects to another address than the URL names; URL, Host and certificate name stay.",
       connect_to},
  };
}

Rows compatibility_rows() {
  return {
      {"api.destinations", "map", "", "name=URL",
       "What the destination api/<name> stands for, such as the endpoint of a model's provider.",
       api_destinations},
      {"api.destination_headers", "map", "", "name/Header=value",
       "Headers sent to such a destination with every message, such as its credential.",
       api_destination_headers},
      {"connections", "map", "", "name/field=value, or a table each",
       "Systems that results are pushed to, by the name that destinations use. Fields: kind (mns, "
       "eventbridge, rocketmq, kafka, amqp, nats, redis or sqs), address, user, secret or "
       "secret_file, token, tls, ca_file, body_bytes_max and the kind's own: sasl_mechanism of "
       "kafka, vhost of amqp, maxlen and db of redis, base64 of mns, region and lineage of "
       "eventbridge, region, account and queue_url of sqs, group and instance_namespace of "
       "rocketmq.",
       connections},
      {"compat.seed", "flag", "false", "",
       "Callback bodies in the form of the published sample: times as texts, sourceHeader with "
       "plain values.",
       flag(&Settings::compat_seed)},
      {"compat.misspelled_source_id", "flag", "true", "",
       "Callback bodies carry sourceMessasgeId beside sourceMessageId.",
       flag(&Settings::compat_misspelled_source_id)},
  };
}

Rows function_rows() {
  using namespace std::chrono;
  return {
      {"functions.region", "text", "local", "",
       "Region in the names and calls of functions.", text(&Settings::function_region)},
      {"functions.calls_max", "integer", "2000", "8-100000",
       "Synchronous invocations running at once. Those that are slow have half of it, those of one "
       "account a quarter, those of one function an eighth; more are refused with 429.",
       integer(&Settings::function_calls_max, {8, 100000})},
      {"functions.loop_guard", "text", "warn", "warn or reject",
       "What becomes of a configuration whose destinations make a loop of functions.", loop_guard},
      {"functions.retry_first", "duration", "1s", "1ms-1h",
       "Wait before the second try of an invocation that failed; doubled for each further one.",
       duration(&Settings::function_retry_first, milliseconds(1), hours(1))},
      {"functions.retry_max", "duration", "1m", "1ms-1d", "Longest of these waits.",
       duration(&Settings::function_retry_max, milliseconds(1), hours(24))},
      {"functions.throttle_budget", "duration", "5h", "1s-30d",
       "How long an invocation is tried again while its function has no room.",
       duration(&Settings::function_throttle_budget, seconds(1), hours(24 * 30))},
      {"push.timeout", "duration", "30s", "100ms-10m",
       "Longest push.", duration(&Settings::push_timeout, milliseconds(100), minutes(10))},
      {"push.retry_first", "duration", "500ms", "1ms-1h",
       "Wait before the second try of a push; doubled for each further one.",
       duration(&Settings::push_retry_first, milliseconds(1), hours(1))},
      {"push.retry_max", "duration", "1m", "1ms-1d", "Longest of these waits.",
       duration(&Settings::push_retry_max, milliseconds(1), hours(24))},
      {"push.retry_budget", "duration", "30m", "1s-30d",
       "How long a push is tried again, from its first attempt on, restarts included.",
       duration(&Settings::push_retry_budget, seconds(1), hours(24 * 30))},
  };
}

Rows storage_rows() {
  return {
      {"storage.journal_bytes_max", "bytes", "1GB", "16 MB-64 GB",
       "Most journal that may wait for the tables.",
       bytes(&Settings::journal_bytes_max, 16ull << 20, 64ull << 30)},
      {"storage.journal_segment_bytes", "bytes", "64MB", "1 MB-1 GB",
       "Size of one journal segment.",
       bytes(&Settings::journal_segment_bytes, 1ull << 20, 1ull << 30)},
      {"storage.tail_bytes_max", "bytes", "auto", "1 MB-4 GB, auto: 1/16 of memory",
       "Memory for rows that are committed but not yet in tables; beyond it commits wait.",
       budget(&Settings::tail_bytes_max, 1ull << 20, 4ull << 30)},
      {"storage.disk_free_bytes_min", "bytes", "256MB", "0-1 TB",
       "Below this much free disk new messages are refused; outcomes still commit.",
       bytes(&Settings::disk_free_bytes_min, 0, 1ull << 40)},
      {"storage.history_bodies", "text", "all", "all, failed or none",
       "Whose bodies the event log keeps.",
       history_bodies},
      {"storage.history_retention", "duration", "14d", "1d-3650d",
       "How long the event log is kept.",
       duration(&Settings::history_retention, std::chrono::hours(24), limits::kDelayMax)},
      {"storage.history_bytes_max", "bytes", "0", "0: no limit",
       "Beyond this size the oldest days of the event log are dropped.",
       bytes(&Settings::history_bytes_max, 0, 1ull << 50)},
      {"storage.dead_letter_retention", "duration", "30d", "1h-3650d",
       "How long dead letters are kept.",
       duration(&Settings::dead_letter_retention, std::chrono::hours(1), limits::kDelayMax)},
      {"storage.sync_delay", "duration", "0s", "up to 1s",
       "Added to every sync, to try out a slow disk.",
       duration(&Settings::sync_delay, Duration{0}, std::chrono::seconds(1))},
  };
}

Rows log_rows() {
  return {
      {"log.level", "text", "info", "debug, info, warn, error or off",
       "Least level of a line that is written.",
       log_level},
      {"log.format", "text", "json", "json or text",
       "Form of the lines.", log_format},
  };
}
// clang-format on

Rows make_table() {
  Rows table;
  for (Rows (*rows)() : {listening_rows, running_rows, memory_rows, message_rows, delivery_rows,
                         function_rows, compatibility_rows, storage_rows, log_rows}) {
    std::ranges::move(rows(), std::back_inserter(table));
  }
  return table;
}

}  // namespace

const std::vector<SettingInfo>& setting_table() {
  static const std::vector<SettingInfo> table = make_table();
  return table;
}

}  // namespace ferry::app
