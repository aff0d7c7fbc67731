#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ferry {

// Base64, standard alphabet, padded (RFC 4648 section 4).
std::string base64_encode(std::string_view data);
void base64_append(std::string& out, std::string_view data);
// URL-safe alphabet (RFC 4648 section 5); `padded` keeps the '='.
std::string base64url_encode(std::string_view data, bool padded);
// Accepts both alphabets, padded or not; nothing for any other text.
std::optional<std::string> base64_decode(std::string_view text);

// Base58, Bitcoin's alphabet. Meant for ids: quadratic in the length.
std::string base58_encode(std::string_view data);
std::optional<std::string> base58_decode(std::string_view text);

std::string hex_encode(std::string_view data);  // lower case
std::optional<std::string> hex_decode(std::string_view text);

// %XX decoded; a '%' that two hex digits do not follow stays as it is. '+' is not a blank.
std::string percent_decode(std::string_view text);
// The same for a query component, where '+' is a blank.
std::string query_decode(std::string_view text);
// Everything but unreserved characters (RFC 3986 section 2.3) becomes %XX.
std::string percent_encode(std::string_view text);

// RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF.
bool is_valid_utf8(std::string_view text);
// The length (1 to 4) of the valid sequence that a non-empty `text` begins with; 0 for none.
std::size_t utf8_sequence_length(std::string_view text);

// ASCII only; other bytes are left alone.
std::string to_lower(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view text);  // blanks and tabs on both sides

}  // namespace ferry
