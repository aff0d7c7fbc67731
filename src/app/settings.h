#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "dispatch/senders/sender.h"
#include "domain/limits.h"
#include "domain/retry_policy.h"
#include "http/pooled_client.h"
#include "store/embedded_store.h"

namespace ferry::app {

enum class EngineHosting : std::uint8_t { kAuto, kInline, kThread };

// Every setting of a server, as plain values in their own types. The table in config_table.cc
// declares each once: name, environment variable, default, bounds and prose.
struct Settings {
  // Listening.
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 8080;
  std::uint16_t log_port = 0;  // development: the API a second time, 0: not
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::vector<std::string> trusted_proxies;
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 1024;
  std::string metrics_listen;  // "host:port" of a listener for /metrics alone
  std::string metrics_token;   // for /metrics on the API listener

  // Running.
  bool development = false;
  bool ephemeral = false;
  std::filesystem::path data_folder = "ferry-data";
  std::uint32_t io_threads = 0;  // 0: half of the cores, at least one
  std::uint32_t reader_threads = 2;
  EngineHosting engine_host = EngineHosting::kAuto;
  Duration drain_timeout = std::chrono::seconds(30);
  Duration accept_wait = std::chrono::seconds(10);

  // Memory, in bytes; 0: "auto", which with_memory_budgets() replaces (app/memory_budgets.h).
  std::uint64_t memory = 0;
  std::size_t reading_memory = 0;
  std::size_t inbox_memory = 0;
  std::size_t answer_memory = 0;

  // Messages.
  std::string region = "EU-CENTRAL-1";
  std::size_t body_bytes_max = limits::kBodyBytesMaxDefault;
  std::size_t batch_bytes_max = limits::kBatchBytesMaxDefault;
  std::int32_t default_retries = 3;
  std::int32_t retries_max = limits::kRetriesMax;
  Duration delay_max = limits::kDelayMax;
  double backoff_factor = 2.0;
  Duration backoff_max = limits::kBackoffMax;
  Duration dedup_window = limits::kDedupWindowDefault;
  Duration finished_visible = limits::kFinishedVisibleDefault;

  // Delivering.
  std::uint32_t in_flight_max = 1'000;  // attempts running at once, all hosts together
  std::uint32_t host_in_flight_max = 100'000;
  Duration slow_after = std::chrono::seconds(1);
  Duration attempt_timeout_max = limits::kAttemptTimeoutDefault;
  Duration connect_timeout = std::chrono::seconds(10);
  std::size_t response_bytes_max = limits::kResponseBytesMaxDefault;
  std::size_t body_memory = 0;  // 0: "auto"
  std::uint32_t window_rows_max = 50'000;
  bool allow_private_targets = false;
  std::vector<std::string> allowed_cidrs;
  std::string ca_file;
  std::string proxy;
  std::map<std::string, std::string> api_destinations;         // name -> URL
  std::map<std::string, std::string> api_destination_headers;  // "name/Header" -> value
  std::map<std::string, std::string> connect_to;
  std::vector<std::string> shared_addresses;
  http::NameOptions names;
  std::vector<dispatch::Connection> connections;  // by name; hold secrets

  // Functions.
  std::string function_region = "local";
  bool function_loop_reject = false;  // a config that makes a loop is refused, not warned about
  std::uint32_t function_calls_max = 2'000;  // synchronous ones running at once
  Duration function_retry_first = std::chrono::seconds(1);
  Duration function_retry_max = std::chrono::seconds(60);
  Duration function_throttle_budget = std::chrono::hours(5);
  Duration push_timeout = std::chrono::seconds(30);
  Duration push_retry_first = std::chrono::milliseconds(500);  // seed 003
  Duration push_retry_max = std::chrono::seconds(60);
  Duration push_retry_budget = std::chrono::minutes(30);  // seed 003

  // Compatibility.
  bool compat_seed = false;
  bool compat_misspelled_source_id = true;

  // Storage.
  std::size_t journal_bytes_max = 1u << 30;
  std::size_t journal_segment_bytes = 64u << 20;
  std::size_t tail_bytes_max = 0;  // 0: "auto"
  std::uint64_t disk_free_bytes_min = 256u << 20;
  store::HistoryBodies history_bodies = store::HistoryBodies::kAll;
  Duration history_retention = std::chrono::hours(24 * 14);
  std::uint64_t history_bytes_max = 0;  // 0: no limit
  Duration dead_letter_retention = std::chrono::hours(24 * 30);
  Duration sync_delay{0};  // benchmarks: added to every sync

  // Logging.
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kJson;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// How delivery.body_memory is shared out: to deliveries that are due or nearly so, and to large
// bodies of attempts that run.
struct BodiesMemory {
  std::size_t window = 0;
  std::size_t attempts = 0;
};
inline BodiesMemory bodies_memory(const Settings& settings) {
  const std::size_t attempts = settings.body_memory / 4;
  return {.window = settings.body_memory - attempts, .attempts = attempts};
}

// The retry rules that engine and dispatchers share.
inline RetrySettings retry_settings(const Settings& settings) {
  return {.backoff_factor = settings.backoff_factor,
          .backoff_max = settings.backoff_max,
          .retry_delay_max = settings.delay_max,
          .invocation_first = settings.function_retry_first,
          .invocation_max = settings.function_retry_max,
          .throttle_budget = settings.function_throttle_budget,
          .push_first = settings.push_retry_first,
          .push_max = settings.push_retry_max,
          .push_budget = settings.push_retry_budget};
}

// How the store of a data folder is opened, by a server or for one command.
inline store::EmbeddedOptions store_options(const Settings& settings) {
  return {.folder = settings.data_folder,
          .segment_bytes = settings.journal_segment_bytes,
          .journal_bytes_max = settings.journal_bytes_max,
          .tail_bytes_max = settings.tail_bytes_max,
          .disk_free_bytes_min = settings.disk_free_bytes_min,
          .history_bodies = settings.history_bodies,
          .sync_delay = settings.sync_delay};
}

}  // namespace ferry::app
