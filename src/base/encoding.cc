#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace ferry {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase58Alphabet =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";

constexpr std::uint8_t kNoDigit = 0xFF;

using DigitTable = std::array<std::uint8_t, 256>;
// The two base64 characters of every 12 bits, so that three bytes take two look-ups.
using PairTable = std::array<std::array<char, 2>, 4096>;

constexpr std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

constexpr DigitTable make_digits(std::string_view alphabet) {
  DigitTable table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[octet(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DigitTable make_base64_digits() {
  DigitTable table = make_digits(kBase64Alphabet);
  table[octet('-')] = table[octet('+')];
  table[octet('_')] = table[octet('/')];
  return table;
}

constexpr DigitTable make_hex_digits() {
  DigitTable table = make_digits(kHexDigits);
  for (char c = 'A'; c <= 'F'; ++c) table[octet(c)] = static_cast<std::uint8_t>(c - 'A' + 10);
  return table;
}

constexpr PairTable make_pairs(std::string_view alphabet) {
  PairTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}

constexpr DigitTable kBase64Digits = make_base64_digits();
constexpr DigitTable kBase58Digits = make_digits(kBase58Alphabet);
constexpr DigitTable kHexValues = make_hex_digits();
constexpr PairTable kBase64Pairs = make_pairs(kBase64Alphabet);
constexpr PairTable kBase64UrlPairs = make_pairs(kBase64UrlAlphabet);

// Writes the one or two bytes left over at the end; returns the position after them.
char* encode_base64_tail(char* to, std::string_view tail, const PairTable& pairs, bool padded) {
  if (tail.empty()) return to;
  const bool two = tail.size() == 2;
  const unsigned bits =
      (unsigned{octet(tail[0])} << 16) | (two ? unsigned{octet(tail[1])} << 8 : 0);
  std::memcpy(to, pairs[bits >> 12].data(), 2);
  to += 2;
  if (two) *to++ = pairs[bits & 0xFFF][0];
  if (padded) to = std::fill_n(to, two ? 1 : 2, '=');
  return to;
}

void append_base64(std::string& out, std::string_view data, const PairTable& pairs, bool padded) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + (data.size() + 2) / 3 * 4, [&](char* text, std::size_t) {
    char* to = text + before;
    std::size_t i = 0;
    for (; i + 3 <= data.size(); i += 3, to += 4) {
      const unsigned bits = (unsigned{octet(data[i])} << 16) | (unsigned{octet(data[i + 1])} << 8) |
                            octet(data[i + 2]);
      std::memcpy(to, pairs[bits >> 12].data(), 2);
      std::memcpy(to + 2, pairs[bits & 0xFFF].data(), 2);
    }
    to = encode_base64_tail(to, data.substr(i), pairs, padded);
    return static_cast<std::size_t>(to - text);
  });
}

// The text without its padding; nothing if the padding or the length is wrong.
std::optional<std::string_view> strip_base64_padding(std::string_view text) {
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  return text;
}

}  // namespace

std::string base64_encode(std::string_view data) {
  std::string out;
  append_base64(out, data, kBase64Pairs, true);
  return out;
}

void base64_append(std::string& out, std::string_view data) {
  append_base64(out, data, kBase64Pairs, true);
}

std::string base64url_encode(std::string_view data, bool padded) {
  std::string out;
  append_base64(out, data, kBase64UrlPairs, padded);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  const auto stripped = strip_base64_padding(text);
  if (!stripped) return std::nullopt;
  unsigned seen = 0;  // all digits together: kNoDigit leaves its high bit
  const auto digit = [&](std::size_t i) {
    const unsigned value = kBase64Digits[octet((*stripped)[i])];
    seen |= value;
    return value;
  };
  std::string out;
  out.resize_and_overwrite(stripped->size() * 3 / 4, [&](char* const start, std::size_t) {
    char* to = start;
    std::size_t i = 0;
    for (; i + 4 <= stripped->size(); i += 4, to += 3) {
      const unsigned bits =
          (digit(i) << 18) | (digit(i + 1) << 12) | (digit(i + 2) << 6) | digit(i + 3);
      to[0] = static_cast<char>(bits >> 16);
      to[1] = static_cast<char>(bits >> 8);
      to[2] = static_cast<char>(bits);
    }
    if (i == stripped->size()) return to - start;
    const unsigned bits = (digit(i) << 10) | (digit(i + 1) << 4);
    *to++ = static_cast<char>(bits >> 8);
    if (i + 2 < stripped->size()) *to++ = static_cast<char>(bits | (digit(i + 2) >> 2));
    return to - start;
  });
  if (seen >= 64) return std::nullopt;
  return out;
}

namespace {

constexpr int kDigitsADivision = 5;                // the most whose power of 58 is below 2^32
constexpr std::uint64_t kBase58Power = 656356768;  // 58^5

// A big-endian number in 32-bit parts, the highest first.
void read_number(std::string_view data, std::span<std::uint32_t> parts) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t from_end = data.size() - 1 - i;
    parts[parts.size() - 1 - from_end / 4] |= std::uint32_t{octet(data[i])} << (from_end % 4 * 8);
  }
}

// Divides in place and gives what is left over.
std::uint64_t divide(std::span<std::uint32_t> number, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  for (std::uint32_t& part : number) {
    rest = rest << 32 | part;
    part = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
  return rest;
}

}  // namespace

std::string base58_encode(std::string_view data) {
  const std::size_t zeros = std::min(data.find_first_not_of('\0'), data.size());
  const std::string_view significant = data.substr(zeros);
  // An id fits the room on the stack; one is written many times for every message.
  std::array<std::uint32_t, 8> room{};
  std::vector<std::uint32_t> large;
  const std::size_t parts = (significant.size() + 3) / 4;
  if (parts > room.size()) large.resize(parts);
  std::span<std::uint32_t> left = large.empty() ? std::span(room).first(parts) : std::span(large);
  read_number(significant, left);
  std::string out;                                    // the lowest digit first
  out.reserve(zeros + parts * 6 + kDigitsADivision);  // a part is less than six digits
  while (!left.empty()) {
    std::uint64_t digits = divide(left, kBase58Power);
    for (int i = 0; i < kDigitsADivision; ++i, digits /= 58) {
      out.push_back(kBase58Alphabet[digits % 58]);
    }
    if (left.front() == 0) left = left.subspan(1);
  }
  out.resize(out.find_last_not_of(kBase58Alphabet[0]) + 1);
  // Each leading zero byte is one '1'; they would vanish in the number.
  out.append(zeros, kBase58Alphabet[0]);
  std::ranges::reverse(out);
  return out;
}

std::optional<std::string> base58_decode(std::string_view text) {
  std::vector<std::uint8_t> bytes;  // lowest first
  for (const char c : text) {
    unsigned carry = kBase58Digits[octet(c)];
    if (carry == kNoDigit) return std::nullopt;
    for (std::uint8_t& byte : bytes) {
      carry += unsigned{byte} * 58;
      byte = static_cast<std::uint8_t>(carry & 0xFF);
      carry >>= 8;
    }
    if (carry > 0) bytes.push_back(static_cast<std::uint8_t>(carry));
  }
  std::string out(std::min(text.find_first_not_of(kBase58Alphabet[0]), text.size()), '\0');
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    out.push_back(static_cast<char>(*byte));
  }
  return out;
}

std::string hex_encode(std::string_view data) {
  std::string out;
  out.reserve(data.size() * 2);
  for (const char c : data) {
    out.push_back(kHexDigits[octet(c) >> 4]);
    out.push_back(kHexDigits[octet(c) & 15]);
  }
  return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = kHexValues[octet(text[i])];
    const std::uint8_t low = kHexValues[octet(text[i + 1])];
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    out.push_back(static_cast<char>((high << 4) | low));
  }
  return out;
}

namespace {

std::string decode_percent(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const std::uint8_t high = kHexValues[octet(text[i + 1])];
      const std::uint8_t low = kHexValues[octet(text[i + 2])];
      if (high != kNoDigit && low != kNoDigit) {
        out.push_back(static_cast<char>((high << 4) | low));
        i += 2;
        continue;
      }
    }
    out.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
  }
  return out;
}

constexpr bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string percent_decode(std::string_view text) { return decode_percent(text, false); }

std::string query_decode(std::string_view text) { return decode_percent(text, true); }

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(kUpperHexDigits[octet(c) >> 4]);
    out.push_back(kUpperHexDigits[octet(c) & 15]);
  }
  return out;
}

std::size_t utf8_sequence_length(std::string_view text) {
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && octet(text[i]) >= low && octet(text[i]) <= high;
  };
  // The ranges are the table of RFC 3629 section 4.
  const unsigned lead = octet(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return continues(1) ? 2 : 0;
  if (lead < 0xF0) {
    const bool second = continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && continues(2) ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  const bool second = continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
  return second && continues(2) && continues(3) ? 4 : 0;
}

bool is_valid_utf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  while (!text.empty()) {
    std::uint64_t chunk = kHighBits;
    if (text.size() >= sizeof chunk) std::memcpy(&chunk, text.data(), sizeof chunk);
    const std::size_t length = (chunk & kHighBits) == 0 ? sizeof chunk : utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace ferry
