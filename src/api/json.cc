#include "api/json.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <exception>

#include "base/check.h"

namespace ferry::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 32;

const json::value& node_of(const void* node) { return *static_cast<const json::value*>(node); }

}  // namespace

JsonKind JsonValue::kind() const {
  switch (node_of(node_).kind()) {
    case json::kind::null:
      return JsonKind::kNull;
    case json::kind::bool_:
      return JsonKind::kBool;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return JsonKind::kNumber;
    case json::kind::string:
      return JsonKind::kText;
    case json::kind::array:
      return JsonKind::kArray;
    case json::kind::object:
      return JsonKind::kObject;
  }
  return JsonKind::kNull;
}

std::optional<std::string_view> JsonValue::text() const {
  const json::string* text = node_of(node_).if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<bool> JsonValue::flag() const {
  const bool* flag = node_of(node_).if_bool();
  if (flag == nullptr) return std::nullopt;
  return *flag;
}

std::optional<std::int64_t> JsonValue::integer() const {
  const std::int64_t* number = node_of(node_).if_int64();
  if (number == nullptr) return std::nullopt;
  return *number;
}

std::size_t JsonValue::size() const {
  const json::value& node = node_of(node_);
  if (const json::array* array = node.if_array()) return array->size();
  if (const json::object* object = node.if_object()) return object->size();
  return 0;
}

JsonValue JsonValue::element(std::size_t index) const {
  const json::array* array = node_of(node_).if_array();
  CHECK(array != nullptr && index < array->size());
  return JsonValue(&(*array)[index]);
}

JsonMember JsonValue::member(std::size_t index) const {
  const json::object* object = node_of(node_).if_object();
  CHECK(object != nullptr && index < object->size());
  const json::key_value_pair& pair = object->begin()[static_cast<std::ptrdiff_t>(index)];
  return {std::string_view(pair.key().data(), pair.key().size()), JsonValue(&pair.value())};
}

std::string JsonValue::to_json() const { return json::serialize(node_of(node_)); }

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  const json::object* object = node_of(node_).if_object();
  if (object == nullptr) return std::nullopt;
  const json::value* found = object->if_contains(json::string_view(name.data(), name.size()));
  if (found == nullptr) return std::nullopt;
  return JsonValue(found);
}

// The value's nodes all come from `memory`, freed at once with the document.
struct JsonDocument::State {
  json::monotonic_resource memory;
  std::optional<json::value> root;
};

JsonDocument::JsonDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::root() const { return JsonValue(&*state_->root); }

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
  auto state = std::make_unique<State>();
  json::parse_options options;
  options.max_depth = kDepthMax;
  try {
    json::error_code error;
    json::value root = json::parse(json::string_view(text.data(), text.size()), error,
                                   json::storage_ptr(&state->memory), options);
    if (error) return fail(ErrorCode::kInvalidBody, "invalid JSON body: " + error.message());
    state->root.emplace(std::move(root));
  } catch (const std::exception& problem) {
    return fail(ErrorCode::kInvalidBody, std::string("invalid JSON body: ") + problem.what());
  }
  return JsonDocument(std::move(state));
}

}  // namespace ferry::api
