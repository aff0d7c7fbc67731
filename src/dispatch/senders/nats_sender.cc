#include "dispatch/senders/nats_sender.h"

#include <nats/nats.h>

#include <optional>
#include <utility>
#include <vector>

#include "dispatch/senders/blocking_time.h"
#include "dispatch/senders/broker_address.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/native_headers.h"
#include "dispatch/senders/push_result.h"

namespace ferry::dispatch {

namespace {

constexpr std::uint16_t kNatsPort = 4222;

struct Destroy {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
  void operator()(jsPubAck* ack) const { jsPubAck_Destroy(ack); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

// Without one the library prints to the standard error stream.
void ignore_error(natsConnection*, natsSubscription*, natsStatus, void*) {}

std::string text_of(natsStatus status) {
  const char* const detail = nats_GetLastError(nullptr);
  const std::string name = natsStatus_GetText(status);
  return detail == nullptr || *detail == '\0' ? name : name + ": " + detail;
}

// The first step that fails ends the chain.
class Steps {
 public:
  template <class Step>
  Steps& then(Step step) {
    if (status_ == NATS_OK) status_ = step();
    return *this;
  }
  natsStatus status() const { return status_; }

 private:
  natsStatus status_ = NATS_OK;
};

natsStatus make_message(const Push& push, Owned<natsMsg>& message) {
  natsMsg* made = nullptr;
  const std::string_view body = push.body.view();
  Steps steps;
  steps.then([&] {
    return natsMsg_Create(&made, push.target.name.c_str(), nullptr, body.data(),
                          static_cast<int>(body.size()));
  });
  message.reset(made);
  for (const HeaderField& field : native_headers(push)) {
    steps.then([&] { return natsMsgHeader_Set(made, field.name.c_str(), field.value.c_str()); });
  }
  return steps.status();
}

}  // namespace

class NatsSender::Link {
 public:
  explicit Link(Connection connection)
      : connection_(std::move(connection)),
        addresses_(parse_broker_addresses(connection_.address, kNatsPort).value()) {}

  PushResult push(const Push& push, const PushEnd& end) {
    if (nats_ && natsConnection_IsClosed(nats_.get())) drop();
    if (!nats_) {
      if (auto failure = open(end)) return *std::move(failure);
    }
    PushResult result = publish(push, end);
    if (result.kind == OutcomeKind::kFailed && result.status == 0) drop();
    return result;
  }

 private:
  // Connects to the first address that accepts; why not, if none does.
  std::optional<PushResult> open(const PushEnd& end) {
    std::string refusals;
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
      const BrokerAddress& address = addresses_[i];
      const natsStatus status = connect(address, share(end.left(), addresses_.size() - i));
      if (status == NATS_OK) return std::nullopt;
      const std::string text = text_of(status);
      drop();
      if (status == NATS_CONNECTION_AUTH_FAILED) return nats_failure(status, 0, text);
      refusals += (i == 0 ? "" : "; ") + to_text(address) + ": " + text;
    }
    return push_failed(0, "cannot connect to " + refusals);
  }

  natsStatus connect(const BrokerAddress& address, Duration timeout) {
    natsOptions* made = nullptr;
    natsConnection* nats = nullptr;
    jsCtx* jetstream = nullptr;
    Steps steps;
    steps.then([&] { return natsOptions_Create(&made); });
    const Owned<natsOptions> options(made);
    const std::string url = "nats://" + to_text(address);
    steps.then([&] { return natsOptions_SetURL(made, url.c_str()); })
        .then([&] { return natsOptions_SetName(made, "ferry"); })
        .then([&] { return natsOptions_SetAllowReconnect(made, false); })
        .then([&] { return natsOptions_SetTimeout(made, std::max(timeout, Duration{1}).count()); })
        .then([&] {
          return natsOptions_SetErrorHandler(made, ignore_error, nullptr);  // tree: allow, its name
        })
        .then([&] { return set_credentials(made); })
        .then([&] { return set_tls(made, address.host); })
        .then([&] { return natsConnection_Connect(&nats, made); });
    nats_.reset(nats);
    steps.then([&] { return natsConnection_JetStream(&jetstream, nats, nullptr); });
    jetstream_.reset(jetstream);
    return steps.status();
  }

  natsStatus set_credentials(natsOptions* options) const {
    if (!connection_.token.empty()) return natsOptions_SetToken(options, connection_.token.c_str());
    if (connection_.user.empty()) return NATS_OK;
    return natsOptions_SetUserInfo(options, connection_.user.c_str(), connection_.secret.c_str());
  }

  natsStatus set_tls(natsOptions* options, const std::string& host) const {
    if (!connection_.tls) return NATS_OK;
    return Steps()
        .then([&] { return natsOptions_SetSecure(options, true); })
        .then([&] { return natsOptions_SetExpectedHostname(options, host.c_str()); })
        .then([&] {
          if (connection_.ca_file.empty()) return NATS_OK;
          return natsOptions_LoadCATrustedCertificates(options, connection_.ca_file.c_str());
        })
        .status();
  }

  PushResult publish(const Push& push, const PushEnd& end) {
    Owned<natsMsg> message;
    if (const natsStatus status = make_message(push, message); status != NATS_OK) {
      return nats_failure(status, 0, text_of(status));
    }
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = std::max(end.left(), Duration{1}).count();
    options.MsgId = push.event_id.c_str();
    jsPubAck* made = nullptr;
    jsErrCode code{};
    const natsStatus status =
        js_PublishMsg(&made, jetstream_.get(), message.get(), &options, &code);
    const Owned<jsPubAck> ack(made);
    if (status == NATS_OK)
      return push_delivered(200, ack->Stream + (" " + std::to_string(ack->Sequence)));
    const char* refusal = nullptr;
    // A forbidden subject is told by an error of the connection; the message gets no answer.
    if (natsConnection_GetLastError(nats_.get(), &refusal) == NATS_NOT_PERMITTED) {
      PushResult result = nats_failure(NATS_NOT_PERMITTED, 0, refusal);
      drop();  // the error would stay the connection's last one
      return result;
    }
    return nats_failure(status, code, text_of(status));
  }

  void drop() {
    jetstream_.reset();
    nats_.reset();
  }

  const Connection connection_;
  const std::vector<BrokerAddress> addresses_;
  Owned<natsConnection> nats_;
  Owned<jsCtx> jetstream_;
};

NatsSender::NatsSender(Connection connection)
    : link_(std::make_unique<Link>(std::move(connection))) {}

NatsSender::~NatsSender() = default;

Awaitable<PushResult> NatsSender::send(Push push) {
  const BrokerThread::Limits limits = BrokerThread::limits_of(push);
  return thread_.run(limits, [link = link_.get(), push = std::move(push)](const PushEnd& end) {
    end(link->push(push, end));
  });
}

PushResult nats_failure(int status, int jetstream_code, std::string text) {
  switch (jetstream_code) {
    case 0:
      break;
    case JSStreamMessageExceedsMaximumErr:
      return push_refused(413, std::move(text));
    case JSStreamSealedErr:
      return push_refused(403, std::move(text));
    default:
      return push_failed(503, std::move(text));
  }
  switch (status) {
    case NATS_MAX_PAYLOAD:
      return push_refused(413, std::move(text));
    case NATS_CONNECTION_AUTH_FAILED:
      return push_refused(401, std::move(text));
    case NATS_NOT_PERMITTED:
      return push_refused(403, std::move(text));
    case NATS_INVALID_SUBJECT:
    case NATS_INVALID_ARG:
      return push_refused(400, std::move(text));
    case NATS_NO_RESPONDERS:
      return push_failed(503, std::move(text) + " (no stream takes the subject)");
    default:
      return push_failed(0, std::move(text));
  }
}

}  // namespace ferry::dispatch
