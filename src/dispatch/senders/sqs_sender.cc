#include "dispatch/senders/sqs_sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/legacy_digest.h"
#include "dispatch/senders/aws_signature.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/http_result.h"
#include "dispatch/senders/json_answer.h"
#include "domain/lineage.h"
#include "http/url.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kQueueGap = "{queue}";
// Attributes of one message (SendMessage, "a message can have up to 10"); one is the event's id,
// one the lineage.
constexpr std::size_t kTraceAttributesMax = 8;
// Of MessageDeduplicationId and MessageGroupId: letters, digits and punctuation.
constexpr std::size_t kFifoIdBytesMax = 128;

// "com.amazonaws.sqs#RequestThrottled" -> "RequestThrottled".
std::string error_code(const JsonAnswer& answer) {
  const std::string type = answer.text("__type");
  return type.substr(type.find('#') + 1);
}

bool is_throttling(std::string_view code) {
  constexpr std::array<std::string_view, 7> kThrottled = {"RequestThrottled",
                                                          "Throttling",
                                                          "ThrottlingException",
                                                          "ThrottledException",
                                                          "TooManyRequestsException",
                                                          "KmsThrottled",
                                                          "SlowDown"};
  return std::ranges::find(kThrottled, code) != kThrottled.end();
}

PushResult failure_of(PushResult result) {
  const JsonAnswer answer(result.answer);
  const std::string code = error_code(answer);
  if (code.empty()) return result;
  const std::string message = answer.text("message");
  result.error += ": " + code + ": " + (message.empty() ? answer.text("Message") : message);
  const bool expired = code == "RequestExpired";
  if (is_throttling(code) || expired) {
    result.kind = OutcomeKind::kFailed;
    result.status = expired ? 408 : 429;
  }
  return result;
}

PushResult checked(PushResult result, const Push& push) {
  const std::string stored = JsonAnswer(result.answer).text("MD5OfMessageBody");
  const std::string sent = hex_encode(as_text(md5(push.body.view())));
  if (equals_ignore_case(stored, sent)) return result;
  const std::string why = stored.empty()
                              ? "the answer has no MD5OfMessageBody"
                              : "SQS received another body: its MD5 is " + stored + ", not " + sent;
  return push_failed(result.status, why, result.answer);
}

std::string fifo_id(const std::string& id) {
  const bool fits = !id.empty() && id.size() <= kFifoIdBytesMax &&
                    std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7F; });
  return fits ? id : hex_encode(as_text(sha256(id)));
}

HeaderList attributes_of(const Push& push) {
  HeaderList attributes = {{"EventId", push.event_id}};
  if (!push.lineage.empty()) attributes.add(std::string(kLineageHeader), push.lineage);
  for (const HeaderField& field : push.trace.fields()) {
    const bool room = attributes.fields().size() < kTraceAttributesMax;
    if (room && !field.value.empty()) attributes.set(field.name, field.value);
  }
  return attributes;
}

// What SQS counts against its limit: the body, and each attribute's name, type and value.
std::size_t message_bytes(const Push& push, const HeaderList& attributes) {
  std::size_t bytes = push.body.size();
  for (const HeaderField& attribute : attributes.fields()) {
    bytes += attribute.name.size() + std::string_view("String").size() + attribute.value.size();
  }
  return bytes;
}

std::string region_of(const std::string& url) {
  const std::string host = http::parse_url(url)->host;
  const bool aws = host.starts_with("sqs.") && host.contains(".amazonaws.com");
  return aws ? host.substr(4, host.find('.', 4) - 4) : "us-east-1";
}

class SqsSender final : public Sender {
 public:
  struct Facts {
    std::string endpoint;
    std::string queue_url;  // with kQueueGap in it
    AwsScope scope;
  };

  SqsSender(http::Client& client, Connection connection, Facts facts)
      : client_(client), connection_(std::move(connection)), facts_(std::move(facts)) {}

  Awaitable<PushResult> send(Push push) override;

 private:
  std::string queue_url(const std::string& queue) const;
  std::string message_of(const Push& push, const HeaderList& attributes) const;
  http::ClientRequest request_of(const Push& push, std::string message) const;

  http::Client& client_;
  const Connection connection_;
  const Facts facts_;
};

std::string SqsSender::queue_url(const std::string& queue) const {
  std::string url = facts_.queue_url;
  const std::size_t gap = url.find(kQueueGap);
  return gap == std::string::npos ? url : url.replace(gap, kQueueGap.size(), queue);
}

std::string SqsSender::message_of(const Push& push, const HeaderList& attributes) const {
  JsonWriter json(push.body.size() + push.body.size() / 4 + 512);
  json.begin_object()
      .field("QueueUrl", queue_url(push.target.name))
      .field("MessageBody", push.body.view())
      .key("MessageAttributes")
      .begin_object();
  for (const HeaderField& attribute : attributes.fields()) {
    json.key(attribute.name)
        .begin_object()
        .field("DataType", "String")
        .field("StringValue", attribute.value)
        .end_object();
  }
  json.end_object();
  if (push.target.name.ends_with(".fifo")) {
    json.field("MessageDeduplicationId", fifo_id(push.event_id))
        .field("MessageGroupId", fifo_id(push.request_id));
  }
  return std::move(json.end_object()).take();
}

http::ClientRequest SqsSender::request_of(const Push& push, std::string message) const {
  http::ClientRequest request{.method = "POST",
                              .url = facts_.endpoint + "/",
                              .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                          {"X-Amz-Target", "AmazonSQS.SendMessage"}},
                              .body = Bytes::take(std::move(message)),
                              .timeout = push.timeout,
                              .response_bytes_max = kPushAnswerBytesMax,
                              .asker = push.asker};
  sign_aws_request(request, facts_.scope, push.now);
  return request;
}

Awaitable<PushResult> SqsSender::send(Push push) {
  const HeaderList attributes = attributes_of(push);
  if (auto too_large = refuse_too_large(connection_, message_bytes(push, attributes))) {
    co_return *too_large;
  }
  PushResult result =
      http_result(co_await client_.send(request_of(push, message_of(push, attributes))));
  if (result.kind != OutcomeKind::kDelivered) co_return failure_of(std::move(result));
  co_return checked(std::move(result), push);
}

}  // namespace

Result<std::unique_ptr<Sender>> make_sqs_sender(http::Client& client, Connection connection) {
  RETURN_IF_ERROR(check_option_names(connection, {"region", "account", "queue_url"}));
  RETURN_IF_ERROR(require_keys(connection));
  SqsSender::Facts facts;
  ASSIGN_OR_RETURN(facts.endpoint, base_url(connection));
  const std::string account = text_option(connection, "account");
  facts.queue_url = text_option(connection, "queue_url");
  if (account.empty() == facts.queue_url.empty()) {
    return fail(ErrorCode::kInvalidRequest,
                "the connection " + connection.name + ": one of account and queue_url is needed");
  }
  if (!account.empty()) {
    facts.queue_url = facts.endpoint + "/" + account + "/" + std::string(kQueueGap);
  }
  facts.scope = {.access_key_id = connection.user,
                 .secret = connection.secret,
                 .token = connection.token,
                 .region = text_option(connection, "region", region_of(facts.endpoint)),
                 .service = "sqs"};
  return std::make_unique<SqsSender>(client, std::move(connection), std::move(facts));
}

}  // namespace ferry::dispatch
