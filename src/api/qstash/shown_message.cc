#include "api/qstash/shown_message.h"

#include "base/encoding.h"
#include "domain/redaction.h"

namespace ferry::api {
namespace {

// The forwarded headers of hooks and the response headers are named differently per view.
struct HookKeys {
  std::string_view callback_headers, failure_callback_headers;
};
constexpr HookKeys kMessageHookKeys{"callbackHeader", "failureCallbackHeader"};
constexpr HookKeys kEventHookKeys{"callbackHeaders", "failureCallbackHeaders"};

std::size_t shown_size(std::size_t size, BodyTrim trim) {
  if (!trim) return size;
  return *trim <= 0 ? 0 : std::min(size, static_cast<std::size_t>(*trim));
}

// A cut never leaves half a character at the end of a text.
std::string_view trimmed_text(std::string_view text, BodyTrim trim) {
  std::size_t size = shown_size(text.size(), trim);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (size > 0 && size < text.size() && continues(size)) --size;
  return text.substr(0, size);
}

// `name` when the bytes are text, else `<name>Base64`.
void write_readable_body(JsonWriter& json, std::string_view name, std::string_view body,
                         BodyTrim trim) {
  if (is_valid_utf8(body)) {
    json.field_if(name, trimmed_text(body, trim));
  } else if (const std::size_t size = shown_size(body.size(), trim); size > 0) {
    json.field_base64(std::string(name) + "Base64", body.substr(0, size));
  }
}

void write_base64_body(JsonWriter& json, std::string_view name, std::string_view body,
                       BodyTrim trim) {
  const std::size_t size = shown_size(body.size(), trim);
  if (size > 0) json.field_base64(name, body.substr(0, size));
}

// The message's body as it may be shown: calls `write` with the bytes or with their hash.
template <class Write>
void write_source_body(const Message& message, Write write) {
  if (message.redaction.body && !message.body.empty()) {
    write(std::string_view(redacted(message.body.view())));
  } else {
    write(message.body.view());
  }
}

void write_headers(JsonWriter& json, std::string_view name, const HeaderList& headers,
                   const Redaction& redaction = {}) {
  if (headers.empty()) return;
  json.key(name).value_headers(redaction.any() ? shown_headers(headers, redaction) : headers);
}

void write_labels(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.field("label", labels.front()).key("labels").begin_array();
  for (const std::string& label : labels) json.value(label);
  json.end_array();
}

// What a hook forwards may be as secret as what its message does: either one's redaction hides it.
Redaction combined(const Redaction& a, const std::optional<Redaction>& b) {
  Redaction both = a;
  if (!b) return both;
  both.all_headers = both.all_headers || b->all_headers;
  both.headers.insert(both.headers.end(), b->headers.begin(), b->headers.end());
  return both;
}

void write_hook(JsonWriter& json, std::string_view name, std::string_view headers_name,
                const std::optional<HookOptions>& hook, const Redaction& redaction) {
  if (!hook) return;
  json.field(name, hook->url);
  write_headers(json, headers_name, hook->options->forward_headers,
                combined(redaction, hook->options->redaction));
}

void write_hooks(JsonWriter& json, const Message& message, const HookKeys& keys) {
  write_hook(json, "callback", keys.callback_headers, message.callback, message.redaction);
  write_hook(json, "failureCallback", keys.failure_callback_headers, message.failure_callback,
             message.redaction);
}

void write_timeout(JsonWriter& json, const Message& message) {
  if (message.timeout > Duration(0)) json.field("timeout", message.timeout.count());
}

// Where a delivery came from and goes to, apart from its URL.
void write_origin(JsonWriter& json, const Destination& to) {
  json.field_if("topicName", to.group_name)
      .field_if("endpointName", to.endpoint_name)
      .field_if("queueName", to.queue_name)
      .field_if("scheduleId", to.schedule_id);
}

// The fields that messages and dead letters share (contract section 10.1).
void write_message_facts(JsonWriter& json, const Delivery& delivery, const Message& message,
                         const IdCodec& ids, BodyTrim trim) {
  json.field("messageId", ids.wire(delivery.id));
  write_origin(json, *delivery.to);
  json.field_if("urlGroup", delivery.to->group_name)
      .field("url", delivery.to->target.url)
      .field("method", method_name(message.method));
  write_headers(json, "header", message.headers, message.redaction);
  write_source_body(message,
                    [&](std::string_view body) { write_readable_body(json, "body", body, trim); });
  json.field("maxRetries", message.max_retries)
      .field("retried", delivery.retried)
      .field("notBefore", to_unix_ms(delivery.not_before))
      .field("createdAt", to_unix_ms(message.created_at))
      .field("callerIP", message.caller_ip)
      .field("callerIp", message.caller_ip);
  write_hooks(json, message, kMessageHookKeys);
  write_timeout(json, message);
  json.field_if("retryDelayExpression", message.retry_delay_expression);
  write_labels(json, message.labels);
}

void write_event_message(JsonWriter& json, const Message& message) {
  json.field("method", method_name(message.method))
      .field("maxRetries", message.max_retries)
      .field("callerIP", message.caller_ip);
  write_headers(json, "header", message.headers, message.redaction);
  write_hooks(json, message, kEventHookKeys);
  write_timeout(json, message);
  json.field_if("retryDelayExpression", message.retry_delay_expression)
      .field_if("retryDelayExpr", message.retry_delay_expression);
  write_labels(json, message.labels);
}

void write_event_response(JsonWriter& json, const Response& response, BodyTrim trim) {
  json.field("responseStatus", response.status);
  write_headers(json, "responseHeaders", response.headers);
  write_headers(json, "responseHeader", response.headers);
  write_base64_body(json, "responseBody", response.body.view(), trim);
}

}  // namespace

void write_message(JsonWriter& json, const store::MessageView& view, const IdCodec& ids) {
  json.begin_object();
  write_message_facts(json, view.delivery, *view.message, ids, {});
  json.field("state", event_state_name(view.last_state));
  if (!view.finished) json.field("nextDeliveryTime", to_unix_ms(view.delivery.due_at));
  json.end_object();
}

void write_dead_letter(JsonWriter& json, const DeadLetter& letter, const IdCodec& ids,
                       BodyTrim trim) {
  json.begin_object().field("dlqId", wire_dead_letter_id(letter.id));
  write_message_facts(json, letter.delivery, *letter.message, ids, trim);
  json.field("responseStatus", letter.response ? letter.response->status : 0);
  if (letter.response) {
    write_headers(json, "responseHeader", letter.response->headers);
    write_readable_body(json, "responseBody", letter.response->body.view(), trim);
  }
  json.field_if("error", letter.error).end_object();
}

void write_event(JsonWriter& json, const store::LoggedEvent& logged, const IdCodec& ids,
                 BodyTrim trim) {
  const Event& event = logged.event;
  json.begin_object()
      .field("time", to_unix_ms(event.time))
      .field("messageId", ids.wire(logged.delivery.id))
      .field("state", event_state_name(event.state))
      .field("url", logged.delivery.to->target.url)
      .field_if("error", event.error);
  if (event.next_delivery_at) json.field("nextDeliveryTime", to_unix_ms(*event.next_delivery_at));
  write_origin(json, *logged.delivery.to);
  if (logged.message) {
    write_event_message(json, *logged.message);
    write_source_body(*logged.message,
                      [&](std::string_view body) { write_base64_body(json, "body", body, trim); });
  }
  if (event.response) write_event_response(json, *event.response, trim);
  json.end_object();
}

void write_event_group_facts(JsonWriter& json, const store::LoggedEvent& event,
                             const IdCodec& ids) {
  json.field("messageId", ids.wire(event.delivery.id)).field("url", event.delivery.to->target.url);
  write_origin(json, *event.delivery.to);
  if (event.message) write_event_message(json, *event.message);
}

}  // namespace ferry::api
