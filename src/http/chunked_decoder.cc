#include "http/chunked_decoder.h"

#include <algorithm>
#include <charconv>

namespace ferry::http {

namespace {

constexpr std::size_t kSizeLineBytesMax = 256;  // room for an extension nobody sends
constexpr std::size_t kSizeDigitsMax = 16;

}  // namespace

ChunkedDecoder::Progress ChunkedDecoder::put(std::string_view data, std::string& body) {
  std::size_t taken = 0;
  while (stage_ != Stage::kDone) {
    const std::string_view rest = data.substr(taken);
    if (stage_ == Stage::kData) {
      taken += take_data(rest, body);
      if (stage_ == Stage::kData) return {Status::kNeedsMore, taken};
      continue;
    }
    const std::size_t end = rest.find('\n');
    if (std::min(end, rest.size()) > line_bytes_max() + 1) {
      refuse(400, "a line of the chunked body is too long");
      return {Status::kRefused, taken};
    }
    if (end == std::string_view::npos) return {Status::kNeedsMore, taken};
    taken += end + 1;
    const bool ends_well = end > 0 && rest[end - 1] == '\r';
    if (!ends_well) refuse(400, "a line of the chunked body does not end in CR LF");
    if (!ends_well || !take_line(rest.substr(0, end - 1), body.size())) {
      return {Status::kRefused, taken};
    }
  }
  return {Status::kDone, taken};
}

std::size_t ChunkedDecoder::take_data(std::string_view data, std::string& body) {
  const std::size_t count = std::min<std::uint64_t>(chunk_rest_, data.size());
  body.append(data.substr(0, count));
  chunk_rest_ -= count;
  if (chunk_rest_ == 0) stage_ = Stage::kDataEnd;
  return count;
}

bool ChunkedDecoder::take_line(std::string_view line, std::size_t body_bytes) {
  if (stage_ == Stage::kSize) return take_size(line, body_bytes);
  if (stage_ == Stage::kTrailers) return take_trailer(line);
  if (!line.empty()) return refuse(400, "a chunk is longer than its announced size");
  stage_ = Stage::kSize;
  return true;
}

bool ChunkedDecoder::take_size(std::string_view line, std::size_t body_bytes) {
  const std::string_view digits = line.substr(0, line.find(';'));
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, chunk_rest_, 16);
  const bool is_number = error == std::errc() && stop == end && digits.size() <= kSizeDigitsMax;
  if (!is_number || !is_header_value(line)) return refuse(400, "the size of a chunk is malformed");
  if (chunk_rest_ > limits_.body_bytes_max - body_bytes)
    return refuse(413, "the body is too large");
  stage_ = chunk_rest_ == 0 ? Stage::kTrailers : Stage::kData;
  return true;
}

bool ChunkedDecoder::take_trailer(std::string_view line) {
  if (line.empty()) {
    stage_ = Stage::kDone;
    return true;
  }
  trailer_bytes_ += line.size() + 2;
  if (trailer_bytes_ > limits_.trailer_bytes_max) return refuse(431, "the trailers are too large");
  const std::size_t colon = line.find(':');
  const bool well_formed = colon != std::string_view::npos &&
                           is_header_name(line.substr(0, colon)) &&
                           is_header_value(line.substr(colon + 1));
  return well_formed || refuse(400, "a trailer field is malformed");
}

std::size_t ChunkedDecoder::line_bytes_max() const {
  return stage_ == Stage::kTrailers ? limits_.trailer_bytes_max : kSizeLineBytesMax;
}

bool ChunkedDecoder::refuse(int status, std::string_view text) {
  refusal_ = {status, text};
  return false;
}

}  // namespace ferry::http
