// JSON of strangers: never a crash; a text is read the same whole and in pieces; what is written
// again reads back the same; names are unique and found.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/json.h"
#include "base/json_parser.h"
#include "fuzz/input.h"

namespace ferry {
namespace {

Result<JsonDocument> parse_in_pieces(std::string_view text, std::size_t bytes) {
  JsonParser parser;
  for (std::size_t at = 0; at < text.size(); at += bytes) {
    RETURN_IF_ERROR(parser.feed(text.substr(at, bytes)));
  }
  return parser.finish();
}

void check_value(const JsonValue& value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.kind() == JsonKind::kArray) {
      check_value(value.element(i));
      continue;
    }
    const JsonMember member = value.member(i);
    const auto found = value.find(member.name);
    CHECK(found && found->to_json() == member.value.to_json());
    check_value(member.value);
  }
}

// The elements one by one, as a batch reads them, are those of the document.
void check_elements(std::string_view text, const JsonValue& array) {
  std::size_t place = 0;
  JsonParser parser([&](const JsonValue& element) -> Result<void> {
    CHECK(place < array.size());
    CHECK(element.to_json() == array.element(place++).to_json());
    return {};
  });
  CHECK(parser.feed(text));
  CHECK(parser.finish());
  CHECK(place == array.size());
}

}  // namespace
}  // namespace ferry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ferry;
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const auto whole = JsonDocument::parse(text);
  const auto pieces = parse_in_pieces(text, std::size_t{data[0]} % 9 + 1);
  CHECK(whole.has_value() == pieces.has_value());
  if (!whole) return 0;
  const std::string written = whole->root().to_json();
  CHECK(pieces->root().to_json() == written);
  const auto again = JsonDocument::parse(written);
  CHECK(again && again->root().to_json() == written);
  check_value(whole->root());
  if (whole->root().kind() == JsonKind::kArray) check_elements(text, whole->root());
  return 0;
}
