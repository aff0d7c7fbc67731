#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

// How the targets look at what the fuzzer gives them.

namespace ferry::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The text before the first `border`; `rest` keeps what is behind it.
inline std::string_view take_until(std::string_view& rest, char border) {
  const std::string_view part = rest.substr(0, rest.find(border));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

// The first byte as a number, 0 of an empty input.
inline std::uint8_t take_byte(std::string_view& rest) {
  if (rest.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(rest.front());
  rest.remove_prefix(1);
  return byte;
}

}  // namespace ferry::fuzz
