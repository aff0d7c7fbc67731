#include "base/check.h"
#include "base/json_writer.h"
#include "domain/hook.h"

namespace ferry {
namespace {

constexpr std::size_t kGapBytes = kDeadLetterIdTextMax + 2;  // with the quotes
constexpr std::size_t kFieldBytesTypical = 2048;             // of a body without its base64 parts

constexpr std::size_t base64_length(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// What a hook's body tells of.
struct Attempt {
  const Message& message;
  const Delivery& delivery;
  const Outcome& outcome;
  const IdCodec& ids;
  const HookSettings& settings;
};

// Without an HTTP answer, the error is all there is to tell (contract section 7.1).
std::string_view response_part(const Outcome& outcome) {
  return outcome.response ? outcome.response->body.view() : std::string_view(outcome.error);
}

void write_response(JsonWriter& json, const Attempt& attempt, std::string_view body) {
  const Response none;
  const Response& response = attempt.outcome.response ? *attempt.outcome.response : none;
  json.field("status", response.status);
  json.key("header").value_headers(response.headers);
  json.field_base64("body", body);
  json.field("retried", attempt.delivery.retried);
  json.field("maxRetries", attempt.message.max_retries);
}

std::size_t write_gap(JsonWriter& json) {
  json.key("dlqId");
  const std::size_t gap = json.size();
  json.raw(std::string(kGapBytes, ' '));
  return gap;
}

// {"Name":"v1, v2"}: repeated fields joined as RFC 9110 section 5.3 allows.
void write_plain_headers(JsonWriter& json, const HeaderList& headers) {
  HeaderList joined;
  for (const HeaderField& field : headers) {
    const std::string* before = joined.find(field.name);
    joined.set(canonical_header_name(field.name),
               before != nullptr ? *before + ", " + field.value : field.value);
  }
  json.begin_object();
  for (const HeaderField& field : joined) json.field(field.name, field.value);
  json.end_object();
}

void write_source_content(JsonWriter& json, const Attempt& attempt) {
  const Message& message = attempt.message;
  json.field("url", attempt.delivery.to->target.url);
  json.field("method", method_name(message.method));
  if (!message.headers.empty()) {
    json.key("sourceHeader");
    if (attempt.settings.seed_forms) {
      write_plain_headers(json, message.headers);
    } else {
      json.value_headers(message.headers);
    }
  }
  if (!message.body.empty()) json.field_base64("sourceBody", message.body.view());
}

void write_time(JsonWriter& json, std::string_view name, TimePoint time, bool as_text) {
  if (as_text) {
    json.field(name, std::to_string(to_unix_ms(time)));
  } else {
    json.field(name, to_unix_ms(time));
  }
}

void write_labels(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.field("label", labels.front());
  json.key("labels").begin_array();
  for (const std::string& label : labels) json.value(label);
  json.end_array();
}

void write_source(JsonWriter& json, const Attempt& attempt) {
  const Destination& to = *attempt.delivery.to;
  const std::string id = attempt.ids.wire(attempt.delivery.id);
  json.field("sourceMessageId", id);
  if (attempt.settings.misspelled_source_id) json.field("sourceMessasgeId", id);
  json.field_if("topicName", to.group_name);
  json.field_if("endpointName", to.endpoint_name);
  write_source_content(json, attempt);
  write_time(json, "notBefore", attempt.delivery.not_before, attempt.settings.seed_forms);
  write_time(json, "createdAt", attempt.message.created_at, attempt.settings.seed_forms);
  json.field_if("scheduleId", to.schedule_id);
  json.field_if("queueName", to.queue_name);
  write_labels(json, attempt.message.labels);
  if (attempt.message.flow_control) {
    json.field("flowControlKey", attempt.message.flow_control->key);
  }
  json.field("callerIP", attempt.message.caller_ip);
  json.field_if("api", api_name_of(attempt.settings.api_names, attempt.message, to));
}

// The keys in the order of contract section 7.3.
RenderedHook render(HookKind kind, const Attempt& attempt, std::string_view response) {
  RenderedHook hook;
  hook.kind = kind;
  JsonWriter json(base64_length(response.size()) + base64_length(attempt.message.body.size()) +
                  kFieldBytesTypical);
  json.begin_object();
  write_response(json, attempt, response);
  const bool has_letter = kind == HookKind::kFailureCallback || kind == HookKind::kFailurePush;
  if (has_letter) hook.gap = write_gap(json);
  write_source(json, attempt);
  json.end_object();
  hook.body = std::move(json).take();
  return hook;
}

}  // namespace

void fill_gap(RenderedHook& hook, DeadLetterId id) {
  CHECK(hook.gap && *hook.gap + kGapBytes <= hook.body.size());
  const std::string quoted = "\"" + wire_dead_letter_id(id) + "\"";
  CHECK(quoted.size() <= kGapBytes);
  hook.body.replace(*hook.gap, quoted.size(), quoted);
}

RenderedHook render_hook(HookKind kind, const Message& message, const Delivery& delivery,
                         const Outcome& outcome, const IdCodec& ids, const HookSettings& settings) {
  const bool is_push = kind == HookKind::kSuccessPush || kind == HookKind::kFailurePush;
  if (is_push && message.invocation) {  // never cut: what is over a destination's limit fails there
    return {kind, render_record(message, delivery, outcome, settings.records), std::nullopt};
  }
  if (is_push && message.push) return {kind, stopped_record(message.body.view()), std::nullopt};
  const Attempt attempt{message, delivery, outcome, ids, settings};
  const std::string_view response = response_part(outcome);
  RenderedHook hook = render(kind, attempt, response);
  if (hook.body.size() <= settings.body_bytes_max || response.empty()) return hook;
  // Too large, which is rare: again with as much of the response as there is room for.
  const std::size_t excess = hook.body.size() - settings.body_bytes_max;
  const std::size_t encoded = base64_length(response.size());
  const std::size_t kept = excess < encoded ? (encoded - excess) / 4 * 3 : 0;
  return render(kind, attempt, response.substr(0, kept));
}

}  // namespace ferry
