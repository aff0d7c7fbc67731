#include "http/head_parser.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/encoding.h"

namespace ferry::http {

namespace {

constexpr std::size_t kMethodBytesMax = 32;  // the longest registered one has 17
constexpr std::size_t kFieldsReserved = 16;
constexpr std::string_view kVersionPrefix = "HTTP/";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Non-ASCII bytes pass: destinations come unencoded from many clients, and the target is not
// interpreted here.
bool is_target_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f;
}

// Calls `take` for each element of a comma-separated list, blanks around it removed.
template <class Take>
void for_each_element(std::string_view list, Take take) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    take(trim(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

}  // namespace

HeadParser::Progress HeadParser::put(std::string_view data) {
  std::size_t taken = 0;
  while (stage_ != Stage::kDone) {
    const std::string_view rest = data.substr(taken);
    if (!begins_well(rest)) return {Status::kRefused, taken};
    const LineScanner::Scan scan = lines_.next(rest, line_bytes_max());
    if (scan.found == LineScanner::Found::kNothingYet) return {Status::kNeedsMore, taken};
    taken += scan.bytes;
    if (!take_scan(scan)) return {Status::kRefused, taken};
  }
  return {Status::kDone, taken};
}

// Not a request but, say, a TLS greeting on a plain port: its first line might never end.
bool HeadParser::begins_well(std::string_view data) {
  const bool decides = stage_ == Stage::kRequestLine && !data.empty() && data[0] != '\r';
  return !decides || is_header_name(data.substr(0, 1)) ||
         refuse(400, "this is not an HTTP request");
}

bool HeadParser::take_scan(const LineScanner::Scan& scan) {
  if (scan.found == LineScanner::Found::kLine) return take_line(scan.line);
  if (scan.found == LineScanner::Found::kBareLineFeed)
    return refuse(400, "a line of the request's head does not end in CR LF");
  return stage_ == Stage::kRequestLine ? refuse(414, "the request line is too long")
                                       : refuse(431, "the header fields are too large");
}

bool HeadParser::take_line(std::string_view line) {
  if (stage_ == Stage::kFields) return line.empty() ? finish() : take_field(line);
  return line.empty() ? take_blank_line() : take_request_line(line);
}

// RFC 9112 section 2.2: one empty line before a request is forgiven.
bool HeadParser::take_blank_line() {
  if (blank_line_skipped_) return refuse(400, "the request begins with empty lines");
  blank_line_skipped_ = true;
  return true;
}

bool HeadParser::take_request_line(std::string_view line) {
  const std::size_t method_end = std::min(line.find(' '), line.size());
  const std::string_view method = line.substr(0, method_end);
  if (method.size() > kMethodBytesMax || !is_header_name(method)) {
    return refuse(400, "the request's method is malformed");
  }
  line.remove_prefix(std::min(method_end + 1, line.size()));
  const std::size_t target_end = std::min(line.find(' '), line.size());
  const std::string_view target = line.substr(0, target_end);
  if (target.size() > limits_.target_bytes_max) {
    return refuse(414, "the request target is too long");
  }
  if (target.empty() || !std::ranges::all_of(target, is_target_byte)) {
    return refuse(400, "the request target is malformed");
  }
  line.remove_prefix(std::min(target_end + 1, line.size()));
  if (!take_version(line)) return false;
  head_.method = method;
  head_.target = target;
  head_.headers.reserve(kFieldsReserved);
  stage_ = Stage::kFields;
  return true;
}

bool HeadParser::take_version(std::string_view version) {
  const bool well_formed = version.size() == 8 && version.starts_with(kVersionPrefix) &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return refuse(400, "the request line does not end in an HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  framing_.http_1_0 = version.back() == '0';
  return true;
}

bool HeadParser::take_field(std::string_view line) {
  header_bytes_ += line.size() + 2;
  if (header_bytes_ > limits_.header_bytes_max)
    return refuse(431, "the header fields are too large");
  if (head_.headers.size() == limits_.header_fields_max)
    return refuse(431, "too many header fields");
  if (line[0] == ' ' || line[0] == '\t') return refuse(400, "a header field is folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "a header field has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_header_name(name)) return refuse(400, "the name of a header field is malformed");
  if (!is_header_value(value)) return refuse(400, "a header field has a control character");
  if (!take_framing_field(name, value)) return false;
  head_.headers.add(std::string(name), std::string(value));
  return true;
}

bool HeadParser::take_framing_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      return !equals_ignore_case(name, "host") || take_host(value);
    case 6:
      if (equals_ignore_case(name, "expect") && equals_ignore_case(value, "100-continue")) {
        framing_.expects_continue = true;
      }
      return true;
    case 10:
      if (equals_ignore_case(name, "connection")) take_connection(value);
      return true;
    case 14:
      return !equals_ignore_case(name, "content-length") || take_content_length(value);
    case 17:
      return !equals_ignore_case(name, "transfer-encoding") || take_transfer_encoding(value);
    default:
      return true;
  }
}

bool HeadParser::take_content_length(std::string_view value) {
  if (has_content_length_) return refuse(400, "Content-Length is given more than once");
  has_content_length_ = true;
  if (value.empty() || !std::ranges::all_of(value, is_digit)) {
    return refuse(400, "Content-Length is not a number");
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  for (const char c : value) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    const bool overflows = framing_.content_length > (kMax - digit) / 10;
    // Too large for any limit is enough to know; the answer is 413 then.
    framing_.content_length = overflows ? kMax : framing_.content_length * 10 + digit;
    if (overflows) break;
  }
  return true;
}

bool HeadParser::take_transfer_encoding(std::string_view value) {
  if (framing_.chunked) return refuse(400, "Transfer-Encoding is given more than once");
  if (!equals_ignore_case(value, "chunked")) {
    return refuse(501, "no transfer coding but chunked is understood");
  }
  framing_.chunked = true;
  return true;
}

bool HeadParser::take_host(std::string_view value) {
  if (has_host_) return refuse(400, "Host is given more than once");
  has_host_ = true;
  if (value.find_first_of(" \t,/\\?#@") != std::string_view::npos) {
    return refuse(400, "Host is malformed");
  }
  return true;
}

void HeadParser::take_connection(std::string_view value) {
  for_each_element(value, [this](std::string_view option) {
    connection_close_ |= equals_ignore_case(option, "close");
    connection_keep_alive_ |= equals_ignore_case(option, "keep-alive");
  });
}

bool HeadParser::finish() {
  stage_ = Stage::kDone;
  if (!has_host_ && !framing_.http_1_0) return refuse(400, "Host is missing");
  if (framing_.chunked && has_content_length_) {
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  }
  // RFC 9112 section 6.1: a sender of HTTP/1.0 cannot know the chunked coding.
  if (framing_.chunked && framing_.http_1_0) return refuse(400, "HTTP/1.0 has no chunked coding");
  if (framing_.http_1_0) framing_.expects_continue = false;  // RFC 9110 section 10.1.1
  framing_.keep_alive = !connection_close_ && (connection_keep_alive_ || !framing_.http_1_0);
  return true;
}

std::size_t HeadParser::line_bytes_max() const {
  if (stage_ == Stage::kFields) return limits_.header_bytes_max - header_bytes_;
  return kMethodBytesMax + limits_.target_bytes_max + sizeof(" HTTP/1.1 ");
}

bool HeadParser::refuse(int status, std::string_view text) {
  refusal_ = {status, text};
  return false;
}

}  // namespace ferry::http
