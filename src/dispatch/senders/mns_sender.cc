#include "dispatch/senders/mns_sender.h"

#include <utility>

#include "base/encoding.h"
#include "base/legacy_digest.h"
#include "dispatch/senders/aliyun_signature.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/http_result.h"
#include "dispatch/senders/xml_text.h"
#include "http/url.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kThrottled = "QpsLimitExceeded";

std::string path_of(const PushTarget& target) {
  return (target.is_topic ? "/topics/" : "/queues/") + target.name + "/messages";
}

// Topics have neither a delay nor a priority.
std::string message_xml(std::string_view text, bool is_topic) {
  std::string xml =
      R"(<?xml version="1.0" encoding="UTF-8"?><Message xmlns="http://mns.aliyuncs.com/doc/v1/">)"
      "<MessageBody>";
  xml += text;
  xml += "</MessageBody>";
  if (!is_topic) xml += "<DelaySeconds>0</DelaySeconds><Priority>8</Priority>";
  return xml + "</Message>";
}

PushResult failure_of(PushResult result) {
  const std::string code = xml_element_text(result.answer, "Code");
  if (code.empty()) return result;
  result.error += ": " + code + ": " + xml_element_text(result.answer, "Message");
  if (code == kThrottled) {
    result.kind = OutcomeKind::kFailed;
    result.status = 429;
  }
  return result;
}

// A proxy on the way may answer 200 to anything, so the service's proof is asked for.
PushResult checked(PushResult result, const std::string& md5_hex) {
  const std::string stored = xml_element_text(result.answer, "MessageBodyMD5");
  if (equals_ignore_case(stored, md5_hex)) return result;
  const std::string why =
      stored.empty() ? "the answer names no MessageBodyMD5"
                     : "MNS received another body: its MD5 is " + stored + ", not " + md5_hex;
  return push_failed(result.status, why, result.answer);
}

class MnsSender final : public Sender {
 public:
  MnsSender(http::Client& client, Connection connection, std::string url, bool base64)
      : client_(client),
        connection_(std::move(connection)),
        url_(std::move(url)),
        base64_(base64) {}

  Awaitable<PushResult> send(Push push) override;

 private:
  http::ClientRequest request_of(const Push& push, std::string_view message_body) const;

  http::Client& client_;
  const Connection connection_;
  const std::string url_;
  const bool base64_;
};

http::ClientRequest MnsSender::request_of(const Push& push, std::string_view message_body) const {
  const std::string text = base64_ ? std::string(message_body) : xml_escape(message_body);
  http::ClientRequest request{.method = "POST",
                              .url = url_ + path_of(push.target),
                              .body = Bytes::take(message_xml(text, push.target.is_topic)),
                              .timeout = push.timeout,
                              .response_bytes_max = kPushAnswerBytesMax,
                              .asker = push.asker};
  request.headers = {{"Content-Type", "text/xml"},
                     {"Date", format_http_date(push.now)},
                     {"x-mns-version", "2015-06-06"}};
  if (!connection_.token.empty()) request.headers.add("security-token", connection_.token);
  const std::string signature =
      aliyun_signature(request, http::parse_url(request.url)->target, "x-mns-", connection_.secret);
  request.headers.add("Authorization", "MNS " + connection_.user + ":" + signature);
  return request;
}

Awaitable<PushResult> MnsSender::send(Push push) {
  const std::string message_body =
      base64_ ? base64_encode(push.body.view()) : std::string(push.body.view());
  if (auto too_large = refuse_too_large(connection_, message_body.size())) co_return *too_large;
  PushResult result = http_result(co_await client_.send(request_of(push, message_body)));
  if (result.kind != OutcomeKind::kDelivered) co_return failure_of(std::move(result));
  co_return checked(std::move(result), hex_encode(as_text(md5(message_body))));
}

}  // namespace

Result<std::unique_ptr<Sender>> make_mns_sender(http::Client& client, Connection connection) {
  RETURN_IF_ERROR(check_option_names(connection, {"base64"}));
  RETURN_IF_ERROR(require_keys(connection));
  ASSIGN_OR_RETURN(const bool base64, flag_option(connection, "base64", true));
  ASSIGN_OR_RETURN(std::string url, base_url(connection));
  return std::make_unique<MnsSender>(client, std::move(connection), std::move(url), base64);
}

}  // namespace ferry::dispatch
