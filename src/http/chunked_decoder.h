#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/head_parser.h"
#include "http/line_scanner.h"

namespace ferry::http {

// Takes the chunked coding off a body (RFC 9112 section 7.1). Chunk extensions and trailer fields
// are checked for their form and dropped: nothing here understands one.
//
//   body  = *chunk "0" [ext] CRLF *(name ":" value CRLF) CRLF
//   chunk = 1*16HEXDIG [ext] CRLF data CRLF
//   ext   = ";" no control characters
//
// A response's body is read as servers in use write it: its sizes may have any number of leading
// zeros and blanks after them, its trailer fields may be folded.
class ChunkedDecoder {
 public:
  enum class Status : std::uint8_t { kNeedsMore, kContent, kDone, kRefused };
  enum class Of : std::uint8_t { kRequest, kResponse };
  struct Progress {
    Status status = Status::kNeedsMore;
    std::size_t taken = 0;
  };
  struct Step {
    Status status = Status::kNeedsMore;
    std::size_t taken = 0;
    std::string_view content;  // a part of `data`; not empty with kContent
  };
  struct Limits {
    std::uint64_t body_bytes_max = 0;
    std::size_t trailer_bytes_max = 0;
  };

  explicit ChunkedDecoder(const Limits& limits, Of of = Of::kRequest) : limits_(limits), of_(of) {}

  // Takes bytes of `data` up to the next content, which ends with them, or as far as it can. The
  // next call begins with the bytes that were not taken, which are never more than one line within
  // the limits.
  Step next(std::string_view data);

  // The same for all of `data`: appends its content to `body`. Never kContent.
  Progress put(std::string_view data, std::string& body);

  // After kRefused: 400, or 413 as soon as the announced chunks exceed the limit.
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class Stage : std::uint8_t { kSize, kData, kDataEnd, kTrailers, kDone };

  bool take_scan(const LineScanner::Scan& scan);
  bool take_line(std::string_view line);
  bool take_size(std::string_view line);
  bool take_trailer(std::string_view line);
  std::size_t line_bytes_max() const;
  bool refuse(int status, std::string_view text);

  Limits limits_;
  Of of_;
  Stage stage_ = Stage::kSize;
  LineScanner lines_;
  std::uint64_t chunk_rest_ = 0;
  std::uint64_t announced_bytes_ = 0;  // of all chunks so far
  std::size_t trailer_bytes_ = 0;
  Refusal refusal_;
};

}  // namespace ferry::http
