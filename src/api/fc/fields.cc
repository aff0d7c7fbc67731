#include "api/fc/fields.h"

#include <algorithm>
#include <utility>

#include "api/json_body.h"

namespace ferry::api::fc {
namespace {

// Of an object that is kept with its resource: rows are read whole.
constexpr std::size_t kObjectBytesMax = 64u << 10;

bool is_among(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

std::unexpected<Fault> wrong_member(std::string_view name, const std::string& expected) {
  return invalid_argument(std::string(name) + " must be " + expected);
}

void write_raw_member(JsonWriter& json, const JsonMember& member) {
  json.key(member.name).raw(member.value.to_json());
}

}  // namespace

Awaitable<Checked<JsonDocument>> read_object(Bytes body) {
  if (body.empty()) co_return parse_object("{}");
  Result<JsonDocument> document = co_await parse_json_body(std::move(body));
  if (!document) co_return std::unexpected(document.error());
  if (document->root().kind() != JsonKind::kObject) {
    co_return invalid_argument("the body must be a JSON object");
  }
  co_return std::move(*document);
}

Checked<JsonDocument> parse_object(std::string_view body) {
  ASSIGN_OR_RETURN(JsonDocument document, JsonDocument::parse(body.empty() ? "{}" : body));
  if (document.root().kind() != JsonKind::kObject) {
    return invalid_argument("the body must be a JSON object");
  }
  return document;
}

Checked<std::optional<std::int64_t>> integer_member(const JsonValue& object, std::string_view name,
                                                    Bounds bounds) {
  const auto value = object.find(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto number = value->integer();
  if (number && *number >= bounds.least && *number <= bounds.most) return number;
  return wrong_member(name, "a whole number from " + std::to_string(bounds.least) + " to " +
                                std::to_string(bounds.most));
}

Checked<std::optional<std::string>> text_member(const JsonValue& object, std::string_view name,
                                                std::size_t bytes_max) {
  const auto value = object.find(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto text = value->text();
  if (text && text->size() <= bytes_max) return std::string(*text);
  return wrong_member(name, "a text of at most " + std::to_string(bytes_max) + " bytes");
}

Checked<std::optional<bool>> flag_member(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value || value->is_null()) return std::nullopt;
  if (const auto flag = value->flag()) return flag;
  return wrong_member(name, "true or false");
}

std::optional<JsonValue> object_member(const JsonValue& object, std::string_view name) {
  auto value = object.find(name);
  if (!value || value->kind() != JsonKind::kObject) return std::nullopt;
  return value;
}

Checked<std::string> merge_members(std::string_view base, const JsonValue& object,
                                   std::span<const std::string_view> left_out) {
  ASSIGN_OR_RETURN(const JsonDocument kept, parse_object(base));
  const JsonValue root = kept.root();
  JsonWriter json;
  json.begin_object();
  for (std::size_t i = 0; i < root.size(); ++i) {
    const JsonMember member = root.member(i);
    if (!object.find(member.name)) write_raw_member(json, member);
  }
  for (std::size_t i = 0; i < object.size(); ++i) {
    const JsonMember member = object.member(i);
    if (!member.value.is_null() && !is_among(member.name, left_out)) write_raw_member(json, member);
    if (json.size() > kObjectBytesMax) break;
  }
  json.end_object();
  if (json.size() > kObjectBytesMax) {
    return invalid_argument("the fields have more than " + std::to_string(kObjectBytesMax) +
                            " bytes");
  }
  return std::move(json).take();
}

void write_members(JsonWriter& json, std::string_view object_text,
                   std::span<const std::string_view> left_out) {
  const auto kept = parse_object(object_text);
  if (!kept) return;
  const JsonValue root = kept->root();
  for (std::size_t i = 0; i < root.size(); ++i) {
    const JsonMember member = root.member(i);
    if (!is_among(member.name, left_out)) write_raw_member(json, member);
  }
}

}  // namespace ferry::api::fc
