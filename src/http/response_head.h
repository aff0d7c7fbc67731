#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/header_list.h"
#include "base/result.h"
#include "http/line_scanner.h"

namespace ferry::http {

// What a response's head says about the bytes after it and about its connection.
struct ResponseFraming {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
};

// Reads the head of one response, line by line as the lines arrive, by the grammar of RFC 9112
// sections 4 to 6 with what old servers in use write: a status line without a reason, folded
// fields, a length that is repeated, a Transfer-Encoding of `identity`. What could be read two ways
// is refused: control characters, blanks around a name, lengths that differ, a length beside a
// transfer coding, a coding after `chunked`.
//
//   head  = "HTTP/1." ("0" / "1") SP 3DIGIT [SP reason] CRLF *field CRLF
//   field = name ":" value CRLF *((SP / HTAB) value CRLF)
class ResponseHead {
 public:
  explicit ResponseHead(std::size_t head_bytes_max) : head_bytes_max_(head_bytes_max) {}

  // Takes the whole lines at the start of `bytes` up to the end of the head and says how many bytes
  // those were. The next call begins with the bytes that were not taken. kProtocolError.
  Result<std::size_t> put(std::string_view bytes);

  bool done() const { return stage_ == Stage::kDone; }
  // No byte of the head has come.
  bool untouched() const { return stage_ == Stage::kStatusLine && lines_.between_lines(); }

  // Once done.
  int status() const { return status_; }
  const ResponseFraming& framing() const { return framing_; }
  HeaderList take_headers() { return std::move(headers_); }

 private:
  enum class Stage : std::uint8_t { kStatusLine, kFields, kDone };

  Result<void> take_line(std::string_view line);
  Result<void> take_status_line(std::string_view line);
  Result<void> take_field_line(std::string_view line);
  Result<void> take_continuation(std::string_view line);
  Result<void> end_field();
  Result<void> take_content_length(std::string_view value);
  Result<void> take_transfer_encoding(std::string_view value);
  void take_connection(std::string_view value);
  Result<void> finish();

  std::size_t head_bytes_max_;
  Stage stage_ = Stage::kStatusLine;
  LineScanner lines_;
  std::size_t head_bytes_ = 0;
  int status_ = 0;
  bool http_1_0_ = false;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  bool other_coding_ = false;         // one that is neither chunked nor identity
  std::optional<HeaderField> field_;  // the last one, which the next line may continue
  HeaderList headers_;
  ResponseFraming framing_;
};

// kProtocolError with a text fit for the event log.
std::unexpected<Error> malformed_response(std::string_view what);

}  // namespace ferry::http
