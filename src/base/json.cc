#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/digest.h"
#include "base/json_parser.h"
#include "base/json_tape.h"
#include "base/json_writer.h"
#include "base/random.h"

namespace ferry {
namespace {

SipKey make_key() {
  const std::string bytes = secure_random_bytes(sizeof(SipKey));
  SipKey key;
  std::memcpy(key.data(), bytes.data(), key.size());
  return key;
}

const JsonTape::Node& node_of(const JsonTape& tape, std::uint32_t node) { return tape.nodes[node]; }

}  // namespace

std::uint64_t json_name_hash(std::string_view name) {
  static const SipKey key = make_key();
  const SipDigest digest = siphash128(key, name);
  std::uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

void JsonTape::clear() {
  texts.clear();
  nodes.clear();
  elements.clear();
  members.clear();
  by_hash.clear();
}

JsonKind JsonValue::kind() const { return node_of(*tape_, node_).kind; }

std::optional<std::string_view> JsonValue::text() const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  if (node.kind != JsonKind::kText) return std::nullopt;
  return tape_->text_at(node.place, node.size);
}

std::optional<bool> JsonValue::flag() const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  if (node.kind != JsonKind::kBool) return std::nullopt;
  return node.flag;
}

std::optional<std::int64_t> JsonValue::integer() const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  if (node.kind != JsonKind::kNumber) return std::nullopt;
  const std::string_view text = tape_->text_at(node.place, node.size);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::size_t JsonValue::size() const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  return node.kind == JsonKind::kArray || node.kind == JsonKind::kObject ? node.size : 0;
}

JsonValue JsonValue::element(std::size_t index) const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  CHECK(node.kind == JsonKind::kArray && index < node.size);
  return JsonValue(*tape_, tape_->elements[node.place + index]);
}

JsonMember JsonValue::member(std::size_t index) const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  CHECK(node.kind == JsonKind::kObject && index < node.size);
  const JsonTape::Member& member = tape_->members[node.place + index];
  return {tape_->name_of(member), JsonValue(*tape_, member.node)};
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  if (node.kind != JsonKind::kObject) return std::nullopt;
  const JsonTape::Member* const members = tape_->members.data() + node.place;
  if (node.size <= JsonTape::kUnhashedMembersMax) {
    for (std::uint32_t i = 0; i < node.size; ++i) {
      if (tape_->name_of(members[i]) == name) return JsonValue(*tape_, members[i].node);
    }
    return std::nullopt;
  }
  const std::uint64_t hash = json_name_hash(name);
  const std::uint32_t* const begin = tape_->by_hash.data() + node.place;
  const std::uint32_t* const end = begin + node.size;
  const auto hash_of = [members](std::uint32_t at) { return members[at].hash; };
  for (const std::uint32_t* at = std::ranges::lower_bound(begin, end, hash, {}, hash_of);
       at != end && members[*at].hash == hash; ++at) {
    if (tape_->name_of(members[*at]) == name) return JsonValue(*tape_, members[*at].node);
  }
  return std::nullopt;
}

void JsonValue::write_to(JsonWriter& json) const {
  const JsonTape::Node& node = node_of(*tape_, node_);
  switch (node.kind) {
    case JsonKind::kNull:
      json.raw("null");
      break;
    case JsonKind::kBool:
      json.value(node.flag);
      break;
    case JsonKind::kNumber:
      json.raw(tape_->text_at(node.place, node.size));
      break;
    case JsonKind::kText:
      json.value(tape_->text_at(node.place, node.size));
      break;
    case JsonKind::kArray:
      json.begin_array();
      for (std::size_t i = 0; i < node.size; ++i) element(i).write_to(json);
      json.end_array();
      break;
    case JsonKind::kObject:
      json.begin_object();
      for (std::size_t i = 0; i < node.size; ++i) {
        json.key(member(i).name);
        member(i).value.write_to(json);
      }
      json.end_object();
      break;
  }
}

std::string JsonValue::to_json() const {
  JsonWriter json;
  write_to(json);
  return std::move(json).take();
}

JsonDocument::JsonDocument(std::unique_ptr<const JsonTape> tape) : tape_(std::move(tape)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::root() const { return JsonValue(*tape_, tape_->root); }

Result<JsonDocument> JsonDocument::parse(std::string_view text, JsonLimits limits) {
  JsonParser parser(limits);
  RETURN_IF_ERROR(parser.feed(text));
  return parser.finish();
}

}  // namespace ferry
