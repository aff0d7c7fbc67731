#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ferry {

class JsonWriter;

enum class JsonKind : std::uint8_t { kNull, kBool, kNumber, kText, kArray, kObject };

// What a document may hold beside 32 levels and 1,000 members of one object.
struct JsonLimits {
  std::size_t values_max = 100'000;
  // Of all texts, names and numbers together; more is kTooLarge.
  std::size_t text_bytes_max = std::numeric_limits<std::size_t>::max();
};
inline constexpr std::size_t kJsonLevelsMax = 32;
inline constexpr std::size_t kJsonMembersMax = 1'000;

struct JsonMember;
struct JsonTape;

// One value of a document: a view that lives as long as its JsonDocument.
class JsonValue {
 public:
  JsonValue(const JsonTape& tape, std::uint32_t node) : tape_(&tape), node_(node) {}

  JsonKind kind() const;
  bool is_null() const { return kind() == JsonKind::kNull; }

  // The text of a string; nothing for other kinds.
  std::optional<std::string_view> text() const;
  // The value of true or false; nothing for other kinds.
  std::optional<bool> flag() const;
  // A number written without fraction and exponent that fits; nothing for other values.
  std::optional<std::int64_t> integer() const;

  // Elements of an array or members of an object, 0 for other kinds; indices below size().
  std::size_t size() const;
  JsonValue element(std::size_t index) const;
  JsonMember member(std::size_t index) const;

  // The value as JSON text, members in their order, numbers as they were written.
  std::string to_json() const;

  // The member of an object; nothing when it is absent or this is no object.
  std::optional<JsonValue> find(std::string_view name) const;

 private:
  void write_to(JsonWriter& json) const;

  const JsonTape* tape_;
  std::uint32_t node_;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

// A text read as strict JSON (RFC 8259, UTF-8). Of members of one name the last one counts.
class JsonDocument {
 public:
  // kInvalidBody says what is wrong with it. For texts that are short; the body of a request is
  // read by api/json_body.h, which does not hold the thread.
  static Result<JsonDocument> parse(std::string_view text, JsonLimits limits = {});

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonValue root() const;

 private:
  friend class JsonParser;
  explicit JsonDocument(std::unique_ptr<const JsonTape> tape);
  std::unique_ptr<const JsonTape> tape_;
};

}  // namespace ferry
