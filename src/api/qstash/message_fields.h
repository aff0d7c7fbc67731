#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/header_list.h"
#include "base/json_writer.h"
#include "domain/message.h"

// The pieces that the JSON views of messages, dead letters, events and schedules are made of. What
// the publisher asked to redact leaves the server only as its hash. Absent and empty texts are left
// out.

namespace ferry::api {

// How much of a body is shown: all of it, its first bytes, or with 0 and below nothing.
using BodyTrim = std::optional<std::int64_t>;

// `name` when the bytes are text, else `<name>Base64`.
void write_readable_body(JsonWriter& json, std::string_view name, std::string_view body,
                         BodyTrim trim);
void write_base64_body(JsonWriter& json, std::string_view name, std::string_view body,
                       BodyTrim trim);

// The message's own body in either form, or its hash.
void write_source_body(JsonWriter& json, const Message& message, BodyTrim trim);
void write_source_body_base64(JsonWriter& json, const Message& message, BodyTrim trim);

void write_headers(JsonWriter& json, std::string_view name, const HeaderList& headers,
                   const Redaction& redaction = {});

// `label`, the first one, and `labels`.
void write_labels(JsonWriter& json, const std::vector<std::string>& labels);

// The forwarded headers of hooks are named differently per view.
struct HookKeys {
  std::string_view callback_headers, failure_callback_headers;
};
inline constexpr HookKeys kMessageHookKeys{"callbackHeader", "failureCallbackHeader"};
inline constexpr HookKeys kEventHookKeys{"callbackHeaders", "failureCallbackHeaders"};
void write_hooks(JsonWriter& json, const Message& message, const HookKeys& keys);

// What the publisher asked for, whatever the key's limits are by now (contract section 2.5).
void write_flow_control(JsonWriter& json, const std::optional<FlowControl>& flow);

}  // namespace ferry::api
