#include "http/response_head.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/encoding.h"

namespace ferry::http {

namespace {

constexpr std::size_t kFieldsReserved = 12;
constexpr std::size_t kLineEndBytes = 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The next element of a comma-separated list, blanks around it removed.
std::string_view take_element(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

// Nothing of a number that does not fit.
std::optional<std::uint64_t> parse_length(std::string_view digits) {
  std::uint64_t length = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, length);
  if (error != std::errc() || stop != end) return std::nullopt;
  return length;
}

}  // namespace

std::unexpected<Error> malformed_response(std::string_view what) {
  return fail(ErrorCode::kProtocolError, "malformed response: " + std::string(what));
}

Result<std::size_t> ResponseHead::put(std::string_view bytes) {
  std::size_t taken = 0;
  while (!done()) {
    const std::size_t room = head_bytes_max_ - head_bytes_;
    const auto scan = lines_.next(bytes.substr(taken), room - std::min(room, kLineEndBytes));
    if (scan.found == LineScanner::Found::kNothingYet) break;
    if (scan.found == LineScanner::Found::kTooLong)
      return malformed_response("the head is too large");
    if (scan.found == LineScanner::Found::kBareLineFeed)
      return malformed_response("a line of the head does not end in CR LF");
    taken += scan.bytes;
    head_bytes_ += scan.bytes;
    if (head_bytes_ > head_bytes_max_) return malformed_response("the head is too large");
    RETURN_IF_ERROR(take_line(scan.line));
  }
  return taken;
}

Result<void> ResponseHead::take_line(std::string_view line) {
  if (stage_ == Stage::kStatusLine) return take_status_line(line);
  if (!line.empty() && is_blank(line[0])) return take_continuation(line);
  RETURN_IF_ERROR(end_field());
  return line.empty() ? finish() : take_field_line(line);
}

Result<void> ResponseHead::take_status_line(std::string_view line) {
  constexpr std::size_t kVersionBytes = sizeof("HTTP/1.1") - 1;
  constexpr std::size_t kStatusEnd = kVersionBytes + 4;
  const std::string_view version = line.substr(0, kVersionBytes);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return malformed_response("it does not begin with HTTP/1.1 or HTTP/1.0");
  const bool has_status = line.size() >= kStatusEnd && line[kVersionBytes] == ' ' &&
                          std::ranges::all_of(line.substr(kVersionBytes + 1, 3), is_digit) &&
                          (line.size() == kStatusEnd || line[kStatusEnd] == ' ');
  for (std::size_t i = kVersionBytes + 1; has_status && i < kStatusEnd; ++i)
    status_ = status_ * 10 + (line[i] - '0');
  if (status_ < 100) return malformed_response("its status is not a number of three digits");
  if (!is_header_value(line)) return malformed_response("its reason has a control character");
  http_1_0_ = version.back() == '0';
  headers_.reserve(kFieldsReserved);
  stage_ = Stage::kFields;
  return {};
}

Result<void> ResponseHead::take_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed_response("a header field has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_header_name(name))
    return malformed_response("the name of a header field has a character that none may have");
  if (!is_header_value(value)) return malformed_response("a header field has a control character");
  field_ = HeaderField{std::string(name), std::string(value)};
  return {};
}

// RFC 9112 section 5.2: the end of a line within a value counts as a blank.
Result<void> ResponseHead::take_continuation(std::string_view line) {
  if (!field_) return malformed_response("it begins with a folded header field");
  const std::string_view value = trim(line);
  if (!is_header_value(value)) return malformed_response("a header field has a control character");
  if (!value.empty() && !field_->value.empty()) field_->value.push_back(' ');
  field_->value.append(value);
  return {};
}

Result<void> ResponseHead::end_field() {
  if (!field_) return {};
  HeaderField field = *std::exchange(field_, std::nullopt);
  if (equals_ignore_case(field.name, "content-length")) {
    RETURN_IF_ERROR(take_content_length(field.value));
  } else if (equals_ignore_case(field.name, "transfer-encoding")) {
    RETURN_IF_ERROR(take_transfer_encoding(field.value));
  } else if (equals_ignore_case(field.name, "connection") ||
             equals_ignore_case(field.name, "proxy-connection")) {
    take_connection(field.value);
  }
  headers_.add(std::move(field.name), std::move(field.value));
  return {};
}

// RFC 9110 section 8.6: a list of equal numbers stands for one of them.
Result<void> ResponseHead::take_content_length(std::string_view value) {
  for (bool another = true; another;) {
    another = value.find(',') != std::string_view::npos;
    const auto length = parse_length(take_element(value));
    if (!length) return malformed_response("its Content-Length is not a number");
    if (framing_.content_length.value_or(*length) != *length)
      return malformed_response("it has two lengths that differ");
    framing_.content_length = length;
  }
  return {};
}

Result<void> ResponseHead::take_transfer_encoding(std::string_view value) {
  while (!value.empty()) {
    const std::string_view coding = take_element(value);
    if (coding.empty()) continue;
    if (framing_.chunked) return malformed_response("a transfer coding follows chunked");
    framing_.chunked = equals_ignore_case(coding, "chunked");
    other_coding_ |= !framing_.chunked && !equals_ignore_case(coding, "identity");
  }
  return {};
}

void ResponseHead::take_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = take_element(value);
    connection_close_ |= equals_ignore_case(option, "close");
    connection_keep_alive_ |= equals_ignore_case(option, "keep-alive");
  }
}

Result<void> ResponseHead::finish() {
  if (framing_.content_length && (framing_.chunked || other_coding_))
    return malformed_response("it has a length and a transfer coding");
  // RFC 9112 section 6.1: a sender of HTTP/1.0 cannot know the chunked coding, so another may have
  // passed it on and count the bytes differently.
  const bool framing_is_faulty = http_1_0_ && (framing_.chunked || other_coding_);
  framing_.keep_alive =
      !connection_close_ && !framing_is_faulty && (connection_keep_alive_ || !http_1_0_);
  stage_ = Stage::kDone;
  return {};
}

}  // namespace ferry::http
