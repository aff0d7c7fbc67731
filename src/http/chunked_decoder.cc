#include "http/chunked_decoder.h"

#include <algorithm>
#include <charconv>
#include <system_error>
namespace ferry::http {

namespace {

constexpr std::size_t kSizeLineBytesMax = 256;  // room for an extension nobody sends
constexpr std::size_t kResponseSizeLineBytesMax = 4096;
constexpr std::size_t kSizeDigitsMax = 16;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view data) {
  std::size_t taken = 0;
  while (stage_ != Stage::kDone) {
    const std::string_view rest = data.substr(taken);
    if (stage_ == Stage::kData) {
      const std::size_t count = std::min<std::uint64_t>(chunk_rest_, rest.size());
      if (count == 0) return {Status::kNeedsMore, taken, {}};
      chunk_rest_ -= count;
      if (chunk_rest_ == 0) stage_ = Stage::kDataEnd;
      return {Status::kContent, taken + count, rest.substr(0, count)};
    }
    const LineScanner::Scan scan = lines_.next(rest, line_bytes_max());
    if (scan.found == LineScanner::Found::kNothingYet) return {Status::kNeedsMore, taken, {}};
    taken += scan.bytes;
    if (!take_scan(scan)) return {Status::kRefused, taken, {}};
  }
  return {Status::kDone, taken, {}};
}

ChunkedDecoder::Progress ChunkedDecoder::put(std::string_view data, std::string& body) {
  std::size_t taken = 0;
  for (;;) {
    const Step step = next(data.substr(taken));
    taken += step.taken;
    body.append(step.content);
    if (step.status != Status::kContent) return {step.status, taken};
  }
}

bool ChunkedDecoder::take_scan(const LineScanner::Scan& scan) {
  if (scan.found == LineScanner::Found::kLine) return take_line(scan.line);
  return refuse(400, scan.found == LineScanner::Found::kTooLong
                         ? "a line of the chunked body is too long"
                         : "a line of the chunked body does not end in CR LF");
}

bool ChunkedDecoder::take_line(std::string_view line) {
  if (stage_ == Stage::kSize) return take_size(line);
  if (stage_ == Stage::kTrailers) return take_trailer(line);
  if (!line.empty()) return refuse(400, "a chunk is longer than its announced size");
  stage_ = Stage::kSize;
  return true;
}

bool ChunkedDecoder::take_size(std::string_view line) {
  std::string_view digits = line.substr(0, line.find(';'));
  if (of_ == Of::kResponse) digits = digits.substr(0, digits.find_last_not_of(" \t") + 1);
  const char* const end = digits.data() + digits.size();
  // from_chars gives an error for what does not fit, never a part of it.
  const auto [stop, error] = std::from_chars(digits.data(), end, chunk_rest_, 16);
  const bool is_number = error == std::errc() && stop == end &&
                         (of_ == Of::kResponse || digits.size() <= kSizeDigitsMax);
  if (!is_number || !is_header_value(line)) return refuse(400, "the size of a chunk is malformed");
  if (chunk_rest_ > limits_.body_bytes_max - announced_bytes_)
    return refuse(413, "the body is too large");
  announced_bytes_ += chunk_rest_;
  stage_ = chunk_rest_ == 0 ? Stage::kTrailers : Stage::kData;
  return true;
}

bool ChunkedDecoder::take_trailer(std::string_view line) {
  if (line.empty()) {
    stage_ = Stage::kDone;
    return true;
  }
  const bool continues =
      of_ == Of::kResponse && trailer_bytes_ > 0 && (line[0] == ' ' || line[0] == '\t');
  trailer_bytes_ += line.size() + 2;
  if (trailer_bytes_ > limits_.trailer_bytes_max) return refuse(431, "the trailers are too large");
  const std::size_t colon = continues ? 0 : line.find(':');
  const bool well_formed = colon != std::string_view::npos &&
                           (continues || is_header_name(line.substr(0, colon))) &&
                           is_header_value(line.substr(colon + 1));
  return well_formed || refuse(400, "a trailer field is malformed");
}

std::size_t ChunkedDecoder::line_bytes_max() const {
  if (stage_ == Stage::kTrailers) return limits_.trailer_bytes_max - trailer_bytes_;
  return of_ == Of::kRequest ? kSizeLineBytesMax : kResponseSizeLineBytesMax;
}

bool ChunkedDecoder::refuse(int status, std::string_view text) {
  refusal_ = {status, text};
  return false;
}

}  // namespace ferry::http
