#include "api/qstash/message_fields.h"

#include <algorithm>

#include "base/encoding.h"
#include "domain/redaction.h"

namespace ferry::api {
namespace {

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

// The message's body as it may be shown: calls `write` with the bytes or with their hash.
template <class Write>
void visit_source_body(const Message& message, Write write) {
  if (message.redaction.body && !message.body.empty()) {
    const bool hashed = message.large_body && message.large_body->sha256;
    write(std::string_view(hashed ? redacted(*message.large_body->sha256)
                                  : redacted(message.body.view())));
  } else {
    write(message.body.view());
  }
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

}  // namespace

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

void write_source_body(JsonWriter& json, const Message& message, BodyTrim trim) {
  visit_source_body(message,
                    [&](std::string_view body) { write_readable_body(json, "body", body, trim); });
}

void write_source_body_base64(JsonWriter& json, const Message& message, BodyTrim trim) {
  visit_source_body(message,
                    [&](std::string_view body) { write_base64_body(json, "body", body, trim); });
}

void write_headers(JsonWriter& json, std::string_view name, const HeaderList& headers,
                   const Redaction& redaction) {
  if (headers.empty()) return;
  json.key(name).value_headers(redaction.any() ? shown_headers(headers, redaction) : headers);
}

void write_labels(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.field("label", labels.front()).key("labels").begin_array();
  for (const std::string& label : labels) json.value(label);
  json.end_array();
}

void write_hooks(JsonWriter& json, const Message& message, const HookKeys& keys) {
  write_hook(json, "callback", keys.callback_headers, message.callback, message.redaction);
  write_hook(json, "failureCallback", keys.failure_callback_headers, message.failure_callback,
             message.redaction);
}

void write_flow_control(JsonWriter& json, const std::optional<FlowControl>& flow) {
  if (!flow) return;
  json.field("flowControlKey", flow->key);
  if (flow->parallelism) json.field("parallelism", *flow->parallelism);
  if (flow->rate) json.field("rate", *flow->rate);
  json.field("period", std::chrono::floor<std::chrono::seconds>(flow->period).count());
}

}  // namespace ferry::api
