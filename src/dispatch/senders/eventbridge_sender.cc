#include "dispatch/senders/eventbridge_sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "dispatch/senders/aliyun_signature.h"
#include "dispatch/senders/cloud_event.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/http_result.h"
#include "dispatch/senders/json_answer.h"
#include "http/url.h"

namespace ferry::dispatch {
namespace {

// Codes of an entry that no other attempt changes (EventBridge's list of error codes).
constexpr std::array<std::string_view, 8> kFinalCodes = {
    "AccessDenied", "AccountIdNotExist",  "EventBusNotExist", "EventSizeExceeded",
    "InvalidEvent", "InvalidAccessKeyId", "InvalidArgument",  "ServiceAccessDenied"};

bool is_final(std::string_view code) {
  return std::ranges::any_of(kFinalCodes,
                             [code](std::string_view known) { return code.starts_with(known); });
}

PushResult entry_failed(const JsonAnswer& answer, std::string_view text) {
  const std::string code = answer.text("EntryList/ErrorCode");
  std::string error =
      "the event was not accepted: " + code + ": " + answer.text("EntryList/ErrorMessage");
  return is_final(code) ? push_refused(400, std::move(error), text)
                        : push_failed(503, std::move(error), text);
}

PushResult judged(PushResult result) {
  const JsonAnswer answer(result.answer);
  if (result.kind != OutcomeKind::kDelivered) {
    const std::string code = answer.text("code");
    if (!code.empty()) result.error += ": " + code + ": " + answer.text("message");
    return result;
  }
  const auto failed = answer.integer("FailedEntryCount");
  if (!failed) {
    return push_failed(result.status, "the answer has no FailedEntryCount", result.answer);
  }
  return *failed == 0 ? result : entry_failed(answer, result.answer);
}

class EventBridgeSender final : public Sender {
 public:
  struct Facts {
    std::string url;
    std::string region;
    bool lineage = false;
  };

  EventBridgeSender(http::Client& client, Connection connection, Facts facts, std::uint64_t seed)
      : client_(client),
        connection_(std::move(connection)),
        facts_(std::move(facts)),
        random_(seed) {}

  Awaitable<PushResult> send(Push push) override;

 private:
  std::string event_of(const Push& push) const;
  http::ClientRequest request_of(const Push& push, std::string_view event);
  HeaderList headers_of(const Push& push);
  std::string nonce();

  http::Client& client_;
  const Connection connection_;
  const Facts facts_;
  Random random_;
};

std::string EventBridgeSender::event_of(const Push& push) const {
  HeaderList extensions = {{"aliyuneventbusname", push.target.name}};
  if (facts_.lineage && !push.lineage.empty()) extensions.add("fcdlineage", push.lineage);
  return cloud_event_json(push, extensions);
}

// The service refuses a signature whose nonce it has seen.
std::string EventBridgeSender::nonce() {
  std::string bytes;
  for (const std::uint64_t word : {random_.next(), random_.next()}) {
    ByteWriter(bytes).fixed64(word);
  }
  return hex_encode(bytes);
}

HeaderList EventBridgeSender::headers_of(const Push& push) {
  HeaderList headers = {{"Content-Type", "application/cloudevents-batch+json; charset=utf-8"},
                        {"Accept", "application/json"},
                        {"Date", format_http_date(push.now)},
                        {"x-acs-signature-nonce", nonce()},
                        {"x-acs-signature-method", "HMAC-SHA1"},
                        {"x-acs-signature-version", "1.0"},
                        {"x-eventbridge-version", "2015-06-06"}};
  const std::string& region = push.target.region.empty() ? facts_.region : push.target.region;
  if (!region.empty()) headers.add("x-eventbridge-regionId", region);
  if (!connection_.token.empty()) {
    headers.add("x-acs-accesskey-id", connection_.user);
    headers.add("x-acs-security-token", connection_.token);
  }
  return headers;
}

http::ClientRequest EventBridgeSender::request_of(const Push& push, std::string_view event) {
  http::ClientRequest request{.method = "POST",
                              .url = facts_.url + "/openapi/putEvents",
                              .headers = headers_of(push),
                              .body = Bytes::take("[" + std::string(event) + "]"),
                              .timeout = push.timeout,
                              .response_bytes_max = kPushAnswerBytesMax,
                              .asker = push.asker};
  const std::string signature =
      aliyun_signature(request, http::parse_url(request.url)->target, "x-acs-", connection_.secret);
  request.headers.add("Authorization", "acs:" + connection_.user + ":" + signature);
  return request;
}

Awaitable<PushResult> EventBridgeSender::send(Push push) {
  const std::string event = event_of(push);
  if (auto too_large = refuse_too_large(connection_, event.size())) co_return *too_large;
  co_return judged(http_result(co_await client_.send(request_of(push, event))));
}

}  // namespace

Result<std::unique_ptr<Sender>> make_eventbridge_sender(http::Client& client, Connection connection,
                                                        std::uint64_t seed) {
  RETURN_IF_ERROR(check_option_names(connection, {"region", "lineage"}));
  RETURN_IF_ERROR(require_keys(connection));
  EventBridgeSender::Facts facts{.region = text_option(connection, "region")};
  ASSIGN_OR_RETURN(facts.url, base_url(connection));
  ASSIGN_OR_RETURN(facts.lineage, flag_option(connection, "lineage", false));
  return std::make_unique<EventBridgeSender>(client, std::move(connection), std::move(facts), seed);
}

}  // namespace ferry::dispatch
