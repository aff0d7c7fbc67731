#include "dispatch/senders/rabbitmq_sender.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

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

  PushResult push(const Push& push, const PushEnd& end) {
    PushResult result = open_and_publish(push, end);
    // Whatever went wrong, a late confirm among it, the next push starts with a new connection.
    if (result.kind != OutcomeKind::kDelivered) state_.reset();
    return result;
  }

 private:
  PushResult open_and_publish(const Push& push, const PushEnd& end) {
    if (!state_) {
      if (auto failure = open(end)) return *std::move(failure);
    }
    amqp_maybe_release_buffers(state_.get());
    const Properties properties(push);
    const int status = amqp_basic_publish(
        state_.get(), kChannel, bytes_of(push.target.name), bytes_of(push.target.routing_key),
        /*mandatory=*/1, /*immediate=*/0, &properties.values(), bytes_of(push.body.view()));
    if (status != AMQP_STATUS_OK) return library_failure("publishing", status);
    return confirmation(end);
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
    amqp_confirm_select(state_.get(), kChannel);
    return failure_of("asking for confirms", amqp_get_rpc_reply(state_.get()));
  }

  // Waits for the broker's word on the one message that is under way. An unroutable one comes back
  // first, method, header and body, and is confirmed all the same.
  PushResult confirmation(const PushEnd& end) {
    std::optional<PushResult> returned;
    for (;;) {
      amqp_frame_t frame;
      const ::timeval bound = to_timeval(end.left());
      const int status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &bound);
      if (status != AMQP_STATUS_OK) return library_failure("waiting for the confirm", status);
      if (frame.frame_type != AMQP_FRAME_METHOD) continue;
      const amqp_method_t& method = frame.payload.method;
      switch (method.id) {
        case AMQP_BASIC_RETURN_METHOD: {
          const auto& back = *static_cast<const amqp_basic_return_t*>(method.decoded);
          returned = amqp_refusal(back.reply_code, text_of(back.reply_text));
          break;
        }
        case AMQP_BASIC_ACK_METHOD:
          return returned ? *std::move(returned) : push_delivered(200);
        case AMQP_BASIC_NACK_METHOD:
          return push_failed(503, "the broker could not take the message (basic.nack)");
        default:
          return closed_by(method);
      }
    }
  }

  const Connection connection_;
  const std::vector<BrokerAddress> addresses_;
  const std::string vhost_;
  State state_;
};

RabbitMqSender::RabbitMqSender(Connection connection)
    : link_(std::make_unique<Link>(std::move(connection))) {}

RabbitMqSender::~RabbitMqSender() = default;

Awaitable<PushResult> RabbitMqSender::send(Push push) {
  const Duration timeout = push.timeout;
  return thread_.run(timeout, [link = link_.get(), push = std::move(push)](const PushEnd& end) {
    end(link->push(push, end));
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
