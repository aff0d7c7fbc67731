#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/head_parser.h"

namespace ferry::http {

// Takes the chunked coding off a request's body (RFC 9112 section 7.1). Chunk extensions and
// trailer fields are checked for their form and dropped: nothing here understands one.
//
//   body  = *chunk "0" [ext] CRLF *(name ":" value CRLF) CRLF
//   chunk = 1*16HEXDIG [ext] CRLF data CRLF
//   ext   = ";" no control characters
class ChunkedDecoder {
 public:
  enum class Status : std::uint8_t { kNeedsMore, kDone, kRefused };
  struct Progress {
    Status status = Status::kNeedsMore;
    std::size_t taken = 0;
  };
  struct Limits {
    std::size_t body_bytes_max = 0;
    std::size_t trailer_bytes_max = 0;
  };

  explicit ChunkedDecoder(const Limits& limits) : limits_(limits) {}

  // Appends the content found in `data` to `body`. The next call begins with the bytes that were
  // not taken, which are never more than one line within the limits.
  Progress put(std::string_view data, std::string& body);

  // After kRefused: 400, or 413 as soon as the announced chunks exceed the limit.
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class Stage : std::uint8_t { kSize, kData, kDataEnd, kTrailers, kDone };

  std::size_t take_data(std::string_view data, std::string& body);
  bool take_line(std::string_view line, std::size_t body_bytes);
  bool take_size(std::string_view line, std::size_t body_bytes);
  bool take_trailer(std::string_view line);
  std::size_t line_bytes_max() const;
  bool refuse(int status, std::string_view text);

  Limits limits_;
  Stage stage_ = Stage::kSize;
  std::uint64_t chunk_rest_ = 0;
  std::size_t trailer_bytes_ = 0;
  Refusal refusal_;
};

}  // namespace ferry::http
