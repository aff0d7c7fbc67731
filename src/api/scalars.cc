#include "api/scalars.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
         c == '-';
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = trim(text);
  if (digits.empty() || !is_digit(digits.front())) return std::nullopt;
  return parse_number(digits);
}

std::optional<std::int64_t> parse_signed_integer(std::string_view text) {
  return parse_number(trim(text));
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string_view word = trim(text);
  if (word == "1" || equals_ignore_case(word, "true")) return true;
  if (word == "0" || equals_ignore_case(word, "false")) return false;
  return std::nullopt;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= limits::kNameBytesMax &&
         std::ranges::all_of(text, is_name_character);
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const std::string_view item = trim(text.substr(0, comma)); !item.empty()) {
      items.push_back(item);
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

}  // namespace ferry::api
