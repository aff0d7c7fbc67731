#include "base/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <tuple>
#include <vector>

#include "base/encoding.h"

namespace ferry {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  char text[32];  // the longest double takes 24 characters
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

// Whether a byte of the word is a control character, '"', '\\' or not ASCII. Each subtraction sets
// the high bit of a byte below its operand; a borrow can only follow such a byte, so the answer for
// the whole word is exact.
bool has_byte_to_escape(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  const std::uint64_t control = word - kOnes * 0x20;
  const std::uint64_t quote = (word ^ (kOnes * '"')) - kOnes;
  const std::uint64_t backslash = (word ^ (kOnes * '\\')) - kOnes;
  return ((word | control | quote | backslash) & kHighBits) != 0;
}

bool is_plain(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet < 0x80 && c != '"' && c != '\\';
}

// How many bytes at the start of `text` go into the string as they are.
std::size_t plain_run(std::string_view text) {
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    if (has_byte_to_escape(word)) break;
  }
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

void append_ascii_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_encode({&c, 1});
  }
}

// Appends the character that `text` begins with, which is not plain; returns its length.
std::size_t append_special(std::string& out, std::string_view text) {
  if (static_cast<unsigned char>(text[0]) < 0x80) {
    append_ascii_escape(out, text[0]);
    return 1;
  }
  const std::size_t length = utf8_sequence_length(text);
  out += length == 0 ? std::string_view("\uFFFD") : text.substr(0, length);
  return std::max<std::size_t>(length, 1);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (true) {
    const std::size_t run = plain_run(text);
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    text.remove_prefix(append_special(out, text));
  }
  out.push_back('"');
}

void JsonWriter::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");  // JSON has no such number
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value_base64(std::string_view data) {
  separate();
  out_.push_back('"');
  base64_append(out_, data);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

JsonWriter& JsonWriter::value_headers(const HeaderList& headers) {
  struct Named {
    std::string name;
    std::size_t place;
    std::string_view value;
  };
  std::vector<Named> fields;
  fields.reserve(headers.size());
  for (const HeaderField& field : headers) {
    fields.push_back({canonical_header_name(field.name), fields.size(), field.value});
  }
  // Sorted, because a list hostile enough would make a search for each name quadratic.
  std::ranges::sort(fields, [](const Named& a, const Named& b) {
    return std::tie(a.name, a.place) < std::tie(b.name, b.place);
  });

  begin_object();
  for (auto field = fields.begin(); field != fields.end();) {
    const std::string& name = field->name;
    key(name).begin_array();
    for (; field != fields.end() && field->name == name; ++field) value(field->value);
    end_array();
  }
  return end_object();
}

void JsonWriter::clear() {
  out_.clear();
  comma_ = false;
}

}  // namespace ferry
