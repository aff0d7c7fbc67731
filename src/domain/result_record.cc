#include "domain/result_record.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "domain/lineage.h"

namespace ferry {
namespace {

constexpr std::size_t kFieldBytesTypical = 512;
constexpr std::string_view kExhausted = "FunctionResourceExhausted";

void write_payload(JsonWriter& json, std::string_view name, std::string_view encoding,
                   std::string_view payload) {
  if (is_valid_utf8(payload)) {
    json.field(name, payload);
    return;
  }
  json.field_base64(name, payload);
  json.field(encoding, "base64");
}

std::string_view response_of(const Outcome& outcome) {
  return outcome.response ? outcome.response->body.view() : std::string_view();
}

// The condition is the error's type, also of a function that failed; statusCode tells the two
// apart.
bool function_failed(const Outcome& outcome) {
  return !outcome.condition.empty() && outcome.record_status == 200;
}

}  // namespace

std::string render_record(const Message& message, const Delivery& delivery, const Outcome& outcome,
                          const RecordSettings& settings) {
  CHECK(message.invocation != nullptr);
  const std::string_view response = response_of(outcome);
  const bool as_seed = settings.seed_status && outcome.condition == kExhausted;
  JsonWriter json(message.body.size() + response.size() + kFieldBytesTypical);
  json.begin_object().field("timestamp", to_unix_ms(message.created_at));
  json.key("requestContext").begin_object();
  json.field("requestId", message.invocation->request_id);
  json.field("functionArn", message.invocation->arn);
  json.field("condition", outcome.condition);
  json.field("approximateInvokeCount", delivery.retried + 1).end_object();
  write_payload(json, "requestPayload", "requestPayloadEncoding", message.body.view());
  json.key("responseContext").begin_object();
  json.field("statusCode", as_seed ? 200 : outcome.record_status);
  json.field("functionError", function_failed(outcome) ? outcome.condition : std::string());
  json.end_object();
  write_payload(json, "responsePayload", "responsePayloadEncoding", response);
  json.end_object();
  return std::move(json).take();
}

// Quotes are escaped within texts, so the member cannot stand inside the values before it.
std::string stopped_record(std::string_view record) {
  constexpr std::string_view kNone = R"("condition":"")";
  const std::size_t at = record.find(kNone);
  CHECK(at != record.npos);
  std::string text(record);
  return text.insert(at + kNone.size() - 1, kRecursionCondition);
}

}  // namespace ferry
