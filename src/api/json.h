#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ferry::api {

enum class JsonKind : std::uint8_t { kNull, kBool, kNumber, kText, kArray, kObject };

struct JsonMember;

// One value of a document: a view that lives as long as its JsonDocument.
class JsonValue {
 public:
  JsonKind kind() const;
  bool is_null() const { return kind() == JsonKind::kNull; }

  // The text of a string; nothing for other kinds.
  std::optional<std::string_view> text() const;
  // The value of true or false; nothing for other kinds.
  std::optional<bool> flag() const;
  // A number without fraction that fits; nothing for other values.
  std::optional<std::int64_t> integer() const;

  // Elements of an array or members of an object, 0 for other kinds; indices below size().
  std::size_t size() const;
  JsonValue element(std::size_t index) const;
  JsonMember member(std::size_t index) const;

  // The value as JSON text, members in their order.
  std::string to_json() const;

  // The member of an object; nothing when it is absent or this is no object.
  std::optional<JsonValue> find(std::string_view name) const;

 private:
  friend class JsonDocument;
  explicit JsonValue(const void* node) : node_(node) {}

  const void* node_;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

// A request body read as strict JSON (RFC 8259, UTF-8, at most 32 levels).
class JsonDocument {
 public:
  // kInvalidBody says what is wrong with it.
  static Result<JsonDocument> parse(std::string_view text);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonValue root() const;

 private:
  struct State;
  explicit JsonDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ferry::api
