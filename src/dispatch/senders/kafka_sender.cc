#include "dispatch/senders/kafka_sender.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "dispatch/senders/broker_address.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/native_headers.h"
#include "dispatch/senders/push_result.h"

namespace ferry::dispatch {

namespace {

constexpr std::uint16_t kKafkaPort = 9092;
constexpr int kPollMs = 5;
constexpr const char* kTopicsKnownMs = "30000";  // how long a repaired topic may go unnoticed
// Of a request: brokers have limits of their own; this one is only above every body that is sent.
constexpr const char* kRequestBytesMax = "67108864";

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_conf_t* settings) const { rd_kafka_conf_destroy(settings); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;
using Settings = std::vector<std::pair<std::string, std::string>>;

// The library takes pointers to mutable bytes; it copies them.
void* bytes_of(std::string_view text) { return const_cast<char*>(text.data()); }

rd_kafka_vu_t part(rd_kafka_vtype_t type) {
  rd_kafka_vu_t value{};
  value.vtype = type;
  return value;
}

rd_kafka_vu_t bytes_part(rd_kafka_vtype_t type, std::string_view text) {
  rd_kafka_vu_t value = part(type);
  value.u.mem = {.ptr = bytes_of(text), .size = text.size()};
  return value;
}

// As a list of their own: with single headers librdkafka 2.0.2 frees them twice when it refuses the
// record.
Owned<rd_kafka_headers_t> headers_of(const Push& push) {
  const HeaderList fields = native_headers(push);
  Owned<rd_kafka_headers_t> headers(rd_kafka_headers_new(fields.size()));
  for (const auto& [name, value] : fields) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  return headers;
}

// The record as the library takes it; it points into `push`.
std::vector<rd_kafka_vu_t> record_of(const Push& push, rd_kafka_headers_t* headers,
                                     std::uint64_t number) {
  std::vector<rd_kafka_vu_t> parts;
  parts.push_back(part(RD_KAFKA_VTYPE_TOPIC));
  parts.back().u.cstr = push.target.name.c_str();
  parts.push_back(part(RD_KAFKA_VTYPE_MSGFLAGS));
  parts.back().u.i = RD_KAFKA_MSG_F_COPY;
  parts.push_back(part(RD_KAFKA_VTYPE_TIMESTAMP));
  parts.back().u.i64 = to_unix_ms(push.created_at);
  parts.push_back(bytes_part(RD_KAFKA_VTYPE_VALUE, push.body.view()));
  if (!push.request_id.empty()) {
    parts.push_back(bytes_part(RD_KAFKA_VTYPE_KEY, push.request_id));
  }
  parts.push_back(part(RD_KAFKA_VTYPE_HEADERS));
  parts.back().u.headers = headers;
  parts.push_back(part(RD_KAFKA_VTYPE_OPAQUE));
  // A number in the library's field for a pointer, which nobody follows.
  parts.back().u.ptr = reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
  return parts;
}

}  // namespace

class KafkaSender::Link {
 public:
  explicit Link(Connection connection)
      : connection_(std::move(connection)),
        addresses_(parse_broker_addresses(connection_.address, kKafkaPort).value()) {}

  ~Link() { close(push_failed(503, "the sender was stopped")); }

  // Hands the push to the library, which ends it in a later poll.
  void start(const Push& push, const PushEnd& end) {
    if (under_way_.empty()) leave_broken_client();
    if (!client_) {
      if (auto failure = open(push.timeout)) return end(*std::move(failure));
    }
    const std::uint64_t number = ++last_number_;
    Owned<rd_kafka_headers_t> headers = headers_of(push);
    const auto record = record_of(push, headers.get(), number);
    const Owned<rd_kafka_error_t> error(
        rd_kafka_produceva(client_.get(), record.data(), record.size()));
    if (!error) {
      static_cast<void>(headers.release());  // the library's now
      under_way_.emplace(number, end);
    } else {
      end(judge(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get())));
    }
    rd_kafka_poll(client_.get(), 0);  // reports must not wait for the end of a long row of pushes
  }

  // Serves the library's reports; whether pushes are still under way.
  bool poll() {
    if (!client_) return false;
    rd_kafka_poll(client_.get(), kPollMs);
    if (broken_) close(*broken_);
    return !under_way_.empty();
  }

 private:
  std::optional<PushResult> open(Duration timeout) {
    std::array<char, 512> text{};
    Owned<rd_kafka_conf_t> settings(rd_kafka_conf_new());
    for (const auto& [name, value] : settings_for(timeout)) {
      if (rd_kafka_conf_set(settings.get(), name.c_str(), value.c_str(), text.data(),
                            text.size()) != RD_KAFKA_CONF_OK) {
        return push_failed(0, text.data());
      }
    }
    rd_kafka_conf_set_opaque(settings.get(), this);
    rd_kafka_conf_set_log_cb(settings.get(), nullptr);
    rd_kafka_conf_set_dr_msg_cb(settings.get(), report);
    rd_kafka_conf_set_error_cb(settings.get(), error);
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, settings.get(), text.data(), text.size()));
    if (!client_) return push_failed(0, text.data());
    static_cast<void>(settings.release());  // the client's now
    return std::nullopt;
  }

  // Pushes to one connection have one timeout; the first one's sets the library's bounds. The
  // library wants at least a second for a connection.
  Settings settings_for(Duration timeout) const {
    const auto ms = std::max(timeout, Duration{2}).count();
    Settings settings{{"bootstrap.servers", brokers()},
                      {"client.id", "ferry"},
                      {"enable.idempotence", "true"},
                      {"linger.ms", "0"},
                      {"message.max.bytes", kRequestBytesMax},
                      {"message.timeout.ms", std::to_string(ms)},
                      {"topic.metadata.refresh.interval.ms", kTopicsKnownMs},
                      {"topic.metadata.propagation.max.ms", std::to_string(ms / 2)},
                      {"security.protocol", security_protocol()}};
    if (!connection_.user.empty()) {
      settings.emplace_back("sasl.mechanism", text_option(connection_, "sasl_mechanism", "PLAIN"));
      settings.emplace_back("sasl.username", connection_.user);
      settings.emplace_back("sasl.password", connection_.secret);
    }
    if (!connection_.ca_file.empty()) {
      settings.emplace_back("ssl.ca.location", connection_.ca_file);
    }
    return settings;
  }

  std::string brokers() const {
    std::string list;
    for (const BrokerAddress& address : addresses_) {
      list += (list.empty() ? "" : ",") + to_text(address);
    }
    return list;
  }

  std::string security_protocol() const {
    return std::string(connection_.user.empty() ? "" : "sasl_") +
           (connection_.tls ? "ssl" : "plaintext");
  }

  // On the thread of poll().
  static void report(rd_kafka_t*, const rd_kafka_message_t* message, void* link) {
    static_cast<Link*>(link)->finish(*message);
  }

  static void error(rd_kafka_t*, int code, const char* reason, void* link) {
    static_cast<Link*>(link)->note_error(code, reason);
  }

  void finish(const rd_kafka_message_t& message) {
    const auto number = reinterpret_cast<std::uint64_t>(message._private);
    const auto push = under_way_.extract(number);
    if (push.empty()) return;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      push.mapped()(push_delivered(
          200, std::to_string(message.partition) + " " + std::to_string(message.offset)));
    } else {  // not rd_kafka_message_errstr: of a record that was sent it gives the body
      push.mapped()(judge(message.err, rd_kafka_err2str(message.err)));
    }
  }

  // Errors that leave the client of no use until something is repaired: waiting for the library's
  // own retries would only hide why. Others (one broker of many is down) it masters by itself.
  void note_error(int code, const char* reason) {
    switch (code) {
      case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      case RD_KAFKA_RESP_ERR__FATAL:
        broken_ = kafka_failure(code, reason);
        break;
      case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        if (!broken_) broken_ = kafka_failure(code, last_reason_.empty() ? reason : last_reason_);
        break;
      default:
        last_reason_ = reason;
    }
  }

  PushResult judge(int code, std::string text) {
    PushResult result = kafka_failure(code, std::move(text));
    // The library would keep in mind for minutes that the topic is missing or forbidden.
    if (result.status == 404 || result.status == 403) outdated_ = true;
    return result;
  }

  // What was reported while nothing was under way, such as an idle connection closed by its
  // broker, concerns no push.
  void leave_broken_client() {
    if (client_) rd_kafka_poll(client_.get(), 0);
    if (broken_ || outdated_) close(push_failed(503, "the connection was given up"));
  }

  void close(PushResult result) {
    for (const auto& [number, end] : under_way_) end(result);
    under_way_.clear();
    if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    client_.reset();
    broken_.reset();
    outdated_ = false;
    last_reason_.clear();
  }

  const Connection connection_;
  const std::vector<BrokerAddress> addresses_;
  Owned<rd_kafka_t> client_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, PushEnd> under_way_;  // by the number that the library hands back
  std::optional<PushResult> broken_;            // with what everything under way ends
  bool outdated_ = false;                       // knows things that may no longer be true
  std::string last_reason_;                     // of a broker's failure
};

KafkaSender::KafkaSender(Connection connection)
    : link_(std::make_unique<Link>(std::move(connection))),
      thread_([link = link_.get()] { return link->poll(); }) {}

KafkaSender::~KafkaSender() = default;

Awaitable<PushResult> KafkaSender::send(Push push) {
  const BrokerThread::Limits limits = BrokerThread::limits_of(push);
  return thread_.run(limits, [link = link_.get(), push = std::move(push)](const PushEnd& end) {
    link->start(push, end);
  });
}

PushResult kafka_failure(int code, std::string text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return push_refused(404, std::move(text));
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return push_refused(413, std::move(text));
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return push_refused(401, std::move(text));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return push_refused(403, std::move(text));
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return push_refused(400, std::move(text));
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return push_failed(429, std::move(text));
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return push_failed(0, std::move(text));
    default:
      return push_failed(503, std::move(text));
  }
}

}  // namespace ferry::dispatch
