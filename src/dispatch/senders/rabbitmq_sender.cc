#include "dispatch/senders/rabbitmq_sender.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "dispatch/senders/blocking_time.h"
#include "dispatch/senders/broker_address.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/native_headers.h"
#include "dispatch/senders/push_result.h"

namespace ferry::dispatch {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytesMax = 131'072;  // RabbitMQ's own default
constexpr int kNoHeartbeat = 0;          // nobody would serve it between two pushes
constexpr std::uint8_t kPersistent = 2;
// Messages that wait for their confirm at once: the broker syncs and confirms many together.
constexpr std::size_t kUnderWayMax = 128;
constexpr const char* kSystemCaFile = "/etc/ssl/certs/ca-certificates.crt";

struct DestroyConnection {
  void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
};
using State = std::unique_ptr<amqp_connection_state_t_, DestroyConnection>;

// The library takes a pointer to mutable bytes and does not change them.
amqp_bytes_t bytes_of(std::string_view text) {
  return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

PushResult closed_by(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_connection_close_t*>(method.decoded);
    return amqp_refusal(close.reply_code, text_of(close.reply_text));
  }
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_channel_close_t*>(method.decoded);
    return amqp_refusal(close.reply_code, text_of(close.reply_text));
  }
  return push_failed(502, std::string("the broker sent ") + amqp_method_name(method.id));
}

PushResult library_failure(const std::string& what, int status) {
  return push_failed(0, what + ": " + amqp_error_string2(status));
}

// Why a call of the library that waits for a reply failed, if it did.
std::optional<PushResult> failure_of(const std::string& what, const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return std::nullopt;
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      return closed_by(reply.reply);
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return library_failure(what, reply.library_error);
    case AMQP_RESPONSE_NONE:
      break;
  }
  return push_failed(0, what + ": the connection was lost");
}

// The properties of a message; they point into the push and its headers, which must outlive them.
class Properties {
 public:
  explicit Properties(const Push& push) : headers_(native_headers(push)) {
    for (const HeaderField& field : headers_) {
      entries_.push_back(
          {.key = bytes_of(field.name),
           .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = bytes_of(field.value)}}});
    }
    values_._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                     AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                     AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_HEADERS_FLAG;
    values_.content_type = bytes_of("application/json");
    values_.delivery_mode = kPersistent;
    values_.message_id = bytes_of(push.event_id);
    values_.correlation_id = bytes_of(push.request_id);
    values_.timestamp = static_cast<std::uint64_t>(to_unix_seconds(push.created_at));
    values_.headers = {.num_entries = static_cast<int>(entries_.size()),
                       .entries = entries_.data()};
  }

  const amqp_basic_properties_t& values() const { return values_; }

 private:
  const HeaderList headers_;
  std::vector<amqp_table_entry_t> entries_;
  amqp_basic_properties_t values_{};
};

}  // namespace

class RabbitMqSender::Link {
 public:
  explicit Link(Connection connection)
      : connection_(std::move(connection)),
        addresses_(
            parse_broker_addresses(connection_.address, connection_.tls ? 5671 : 5672).value()),
        vhost_(text_option(connection_, "vhost", "/")) {}

  ~Link() { end_all(push_failed(503, "the sender was stopped")); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Publishes; poll() brings the confirm.
  void push(const Push& push, const PushEnd& end) {
    while (!under_way_.empty() && !may_join(push)) take_frame();
    if (end.over()) return;
    if (!state_) {
      if (auto failure = open(end)) {
        state_.reset();
        return end(*std::move(failure));
      }
    }
    is_alone_ = alone_ > 0;
    if (is_alone_) --alone_;
    exchange_ = push.target.name;
    under_way_.emplace(++last_tag_, Message{.end = end, .event_id = push.event_id, .returned = {}});
    if (const int status = publish(push); status != AMQP_STATUS_OK) {
      lose(library_failure("publishing", status));
    }
  }

  // Waits for what the broker says next. Whether messages are under way after it.
  bool poll() {
    if (!under_way_.empty()) take_frame();
    return !under_way_.empty();
  }

 private:
  // A message that the broker has not confirmed.
  struct Message {
    PushEnd end;
    std::string event_id;
    std::optional<PushResult> returned;  // no queue took it; the confirm comes all the same
  };

  // Together only to one exchange, for what the broker says against an exchange ends them all.
  bool may_join(const Push& push) const {
    return alone_ == 0 && !is_alone_ && push.target.name == exchange_ &&
           under_way_.size() < kUnderWayMax;
  }

  int publish(const Push& push) {
    const Properties properties(push);
    return amqp_basic_publish(
        state_.get(), kChannel, bytes_of(push.target.name), bytes_of(push.target.routing_key),
        /*mandatory=*/1, /*immediate=*/0, &properties.values(), bytes_of(push.body.view()));
  }

  // Connects to the first address that accepts; why not, if none does.
  std::optional<PushResult> open(const PushEnd& end) {
    std::string refusals;
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
      const BrokerAddress& address = addresses_[i];
      const int status = connect(address, share(end.left(), addresses_.size() - i));
      if (status == AMQP_STATUS_OK) return greet(end);
      refusals += (i == 0 ? "" : "; ") + to_text(address) + ": " + amqp_error_string2(status);
    }
    return push_failed(0, "cannot connect to " + refusals);
  }

  int connect(const BrokerAddress& address, Duration timeout) {
    state_.reset(amqp_new_connection());
    CHECK(state_ != nullptr);  // out of memory
    amqp_socket_t* const socket =
        connection_.tls ? amqp_ssl_socket_new(state_.get()) : amqp_tcp_socket_new(state_.get());
    CHECK(socket != nullptr);
    if (connection_.tls) {
      const std::string& ca_file = connection_.ca_file;
      const int status =
          amqp_ssl_socket_set_cacert(socket, ca_file.empty() ? kSystemCaFile : ca_file.c_str());
      if (status != AMQP_STATUS_OK) return status;
      amqp_ssl_socket_set_verify_peer(socket, 1);
      amqp_ssl_socket_set_verify_hostname(socket, 1);
    }
    const ::timeval bound = to_timeval(timeout);
    return amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &bound);
  }

  // Logs in and asks for confirms.
  std::optional<PushResult> greet(const PushEnd& end) {
    const bool named = !connection_.user.empty();
    const char* const user = named ? connection_.user.c_str() : "guest";
    const char* const secret = named ? connection_.secret.c_str() : "guest";
    const ::timeval bound = to_timeval(end.left());
    amqp_set_handshake_timeout(state_.get(), &bound);
    amqp_set_rpc_timeout(state_.get(), &bound);
    const auto login =
        amqp_login(state_.get(), vhost_.c_str(), AMQP_DEFAULT_MAX_CHANNELS, kFrameBytesMax,
                   kNoHeartbeat, AMQP_SASL_METHOD_PLAIN, user, secret);
    if (auto failure = failure_of("logging in", login)) return failure;
    amqp_channel_open(state_.get(), kChannel);
    if (auto failure = failure_of("opening a channel", amqp_get_rpc_reply(state_.get()))) {
      return failure;
    }
    last_tag_ = 0;
    amqp_confirm_select(state_.get(), kChannel);
    return failure_of("asking for confirms", amqp_get_rpc_reply(state_.get()));
  }

  void take_frame() {
    amqp_maybe_release_buffers(state_.get());
    amqp_frame_t frame;
    const ::timeval bound = to_timeval(under_way_.begin()->second.end.left());
    const int status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &bound);
    if (status != AMQP_STATUS_OK) return lose(library_failure("waiting for the confirm", status));
    if (frame.frame_type == AMQP_FRAME_METHOD) take_method(frame.payload.method);
    if (frame.frame_type == AMQP_FRAME_HEADER && refusal_) {
      note_returned(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
    }
  }

  void take_method(const amqp_method_t& method) {
    switch (method.id) {
      case AMQP_BASIC_RETURN_METHOD: {
        const auto& back = *static_cast<const amqp_basic_return_t*>(method.decoded);
        refusal_ = amqp_refusal(back.reply_code, text_of(back.reply_text));
        return;
      }
      case AMQP_BASIC_ACK_METHOD: {
        const auto& ack = *static_cast<const amqp_basic_ack_t*>(method.decoded);
        return confirm(ack.delivery_tag, ack.multiple != 0, push_delivered(200));
      }
      case AMQP_BASIC_NACK_METHOD: {
        const auto& nack = *static_cast<const amqp_basic_nack_t*>(method.decoded);
        return confirm(nack.delivery_tag, nack.multiple != 0,
                       push_failed(503, "the broker could not take the message (basic.nack)"));
      }
      default:
        return lose(closed_by(method));
    }
  }

  // An unroutable message comes back before its confirm: method, header and body.
  void note_returned(const amqp_basic_properties_t& properties) {
    const std::string event_id = text_of(properties.message_id);
    for (auto& [tag, message] : under_way_) {
      if (message.event_id != event_id || message.returned) continue;
      message.returned = std::exchange(refusal_, std::nullopt);
      return;
    }
    refusal_.reset();
  }

  // Of the message with this tag, or of all up to it.
  void confirm(std::uint64_t tag, bool multiple, const PushResult& result) {
    auto message = multiple ? under_way_.begin() : under_way_.lower_bound(tag);
    while (message != under_way_.end() && message->first <= tag) {
      message->second.end(message->second.returned.value_or(result));
      message = under_way_.erase(message);
    }
  }

  // The connection is of no use any more, after a confirm that did not come in time too. The broker
  // does not say which message it closed the channel for: unless there is only one, all are tried
  // again, one at a time, and the one to blame is refused then.
  void lose(PushResult failure) {
    state_.reset();
    if (under_way_.size() > 1) {
      alone_ = under_way_.size();
      if (failure.kind != OutcomeKind::kFailed) failure = push_failed(503, failure.error);
    }
    end_all(failure);
  }

  void end_all(const PushResult& result) {
    for (const auto& [tag, message] : std::exchange(under_way_, {})) message.end(result);
    refusal_.reset();
  }

  const Connection connection_;
  const std::vector<BrokerAddress> addresses_;
  const std::string vhost_;
  State state_;
  std::map<std::uint64_t, Message> under_way_;  // by the number of their publishing
  std::uint64_t last_tag_ = 0;                  // on this channel
  std::string exchange_;                        // of those under way
  std::size_t alone_ = 0;                       // messages that are still to go one at a time
  bool is_alone_ = false;                       // the one under way does
  std::optional<PushResult> refusal_;           // of the message that is coming back
};

RabbitMqSender::RabbitMqSender(Connection connection)
    : link_(std::make_unique<Link>(std::move(connection))),
      thread_([link = link_.get()] { return link->poll(); }) {}

RabbitMqSender::~RabbitMqSender() = default;

Awaitable<PushResult> RabbitMqSender::send(Push push) {
  const BrokerThread::Limits limits = BrokerThread::limits_of(push);
  return thread_.run(limits, [link = link_.get(), push = std::move(push)](const PushEnd& end) {
    link->push(push, end);
  });
}

PushResult amqp_refusal(std::uint16_t code, std::string text) {
  switch (code) {
    case AMQP_NO_ROUTE:
    case AMQP_NOT_FOUND:
      return push_refused(404, std::move(text));
    case AMQP_ACCESS_REFUSED:
    case AMQP_NOT_ALLOWED:  // a virtual host that does not exist, or is not this user's
      return push_refused(403, std::move(text));
    case AMQP_CONTENT_TOO_LARGE:
      return push_refused(413, std::move(text));
    case AMQP_PRECONDITION_FAILED:  // RabbitMQ: larger than its max_message_size
      return push_refused(413, std::move(text));
    case AMQP_NOT_IMPLEMENTED:
      return push_refused(400, std::move(text));
    default:  // forced to close, out of something, an internal error: it may pass
      return push_failed(503, std::move(text));
  }
}

}  // namespace ferry::dispatch
