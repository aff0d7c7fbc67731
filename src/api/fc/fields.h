#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/fc/faults.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "http/awaitable.h"

// JSON objects of requests: typed members, and the rest kept as it came.

namespace ferry::api::fc {

// The body of a request as an object, read in slices; an empty one is {}. kInvalidArgument.
Awaitable<Checked<JsonDocument>> read_object(Bytes body);

// The same of a text that is short, such as what is kept of a resource.
Checked<JsonDocument> parse_object(std::string_view body);

// Members that are absent or null are nothing; of another kind or beyond the bounds they are
// kInvalidArgument.
struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
Checked<std::optional<std::int64_t>> integer_member(const JsonValue& object, std::string_view name,
                                                    Bounds bounds);
Checked<std::optional<std::string>> text_member(const JsonValue& object, std::string_view name,
                                                std::size_t bytes_max);
Checked<std::optional<bool>> flag_member(const JsonValue& object, std::string_view name);
// Nothing for null.
std::optional<JsonValue> object_member(const JsonValue& object, std::string_view name);

// The members of `object` on top of those of the JSON text `base`, without nulls and without those
// named in `left_out`. kInvalidArgument for what is larger than an object may be kept.
Checked<std::string> merge_members(std::string_view base, const JsonValue& object,
                                   std::span<const std::string_view> left_out);

// Writes the members of a kept object but those named in `left_out`.
void write_members(JsonWriter& json, std::string_view object_text,
                   std::span<const std::string_view> left_out);

}  // namespace ferry::api::fc
