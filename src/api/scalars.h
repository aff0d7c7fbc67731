#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The scalar grammars that headers, query parameters and JSON bodies share (contract section 0.4).
// Durations are in base/time.h.

namespace ferry::api {

// Decimal digits with optional blanks around them; nothing for a sign, junk or more than 63 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

// The same, where a minus sign may stand in front.
std::optional<std::int64_t> parse_signed_integer(std::string_view text);

// true, false, 1 or 0 in any case.
std::optional<bool> parse_bool(std::string_view text);

// [A-Za-z0-9._-]+, at most limits::kNameBytesMax: queues, URL groups, schedule ids.
bool is_name(std::string_view text);

// "a, b,,c" -> a, b, c: blanks around items are trimmed, empty items dropped, the order kept.
std::vector<std::string_view> split_list(std::string_view text);

}  // namespace ferry::api
