#include "base/header_list.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/encoding.h"

namespace ferry {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

constexpr std::array<bool, 256> kTokenCharacters = make_token_table();

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

void HeaderList::add(std::string name, std::string value) {
  fields_.push_back({std::move(name), std::move(value)});
}

void HeaderList::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void HeaderList::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return equals_ignore_case(field.name, name); });
}

const std::string* HeaderList::find(std::string_view name) const {
  for (const HeaderField& field : fields_ | std::views::reverse) {
    if (equals_ignore_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

std::string canonical_header_name(std::string_view name) {
  if (!is_header_name(name)) return std::string(name);
  std::string out = to_lower(name);
  bool begins_word = true;
  for (char& c : out) {
    if (begins_word) c = upper(c);
    begins_word = c == '-';
  }
  return out;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
  });
}

bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet == '\t' || (octet >= 0x20 && octet != 0x7F);
  });
}

}  // namespace ferry
