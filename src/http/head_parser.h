#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/line_scanner.h"
#include "http/types.h"

namespace ferry::http {

// Why the server refuses a request on its own: the status and the text of its JSON answer, a
// literal.
struct Refusal {
  int status = 0;
  std::string_view text;
};

struct HeadLimits {
  std::size_t target_bytes_max = 0;
  std::size_t header_bytes_max = 0;  // all field lines together, line ends included
  std::size_t header_fields_max = 0;
};

// What a head says about the bytes behind it and about its connection.
struct Framing {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;
  bool keep_alive = true;
  bool http_1_0 = false;

  bool has_body() const { return chunked || content_length > 0; }

  friend bool operator==(const Framing&, const Framing&) = default;
};

// Reads the head of one request, line by line as the lines arrive, by exactly the grammar of RFC
// 9112 sections 2 to 6 without its leniencies: whatever another server on the way could read
// differently is refused (bare CR or LF, obs-fold, blanks around a name, repeated or mixed framing
// fields). Beast's parser lets several of these pass, and each would have to be found again in the
// same bytes.
//
//   head  = [CRLF] method SP target SP "HTTP/1." ("0" / "1") CRLF *(name ":" value CRLF) CRLF
class HeadParser {
 public:
  enum class Status : std::uint8_t { kNeedsMore, kDone, kRefused };
  struct Progress {
    Status status = Status::kNeedsMore;
    std::size_t taken = 0;
  };

  explicit HeadParser(const HeadLimits& limits) : limits_(limits) {}

  // Takes the whole lines at the start of `data`. The next call begins with the bytes that were not
  // taken, which are never more than one line within the limits.
  Progress put(std::string_view data);

  // Nothing of a request has come but perhaps the blank line before it.
  bool idle() const { return stage_ == Stage::kRequestLine && lines_.between_lines(); }

  // After kDone.
  const Framing& framing() const { return framing_; }
  // Method, target and headers; the rest is the server's to fill.
  RequestHead take_head() { return std::move(head_); }

  // After kRefused.
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class Stage : std::uint8_t { kRequestLine, kFields, kDone };

  bool begins_well(std::string_view data);
  bool take_scan(const LineScanner::Scan& scan);
  bool take_line(std::string_view line);
  bool take_blank_line();
  bool take_request_line(std::string_view line);
  bool take_version(std::string_view version);
  bool take_field(std::string_view line);
  bool take_framing_field(std::string_view name, std::string_view value);
  bool take_content_length(std::string_view value);
  bool take_transfer_encoding(std::string_view value);
  bool take_host(std::string_view value);
  void take_connection(std::string_view value);
  bool finish();
  std::size_t line_bytes_max() const;
  bool refuse(int status, std::string_view text);

  HeadLimits limits_;
  Stage stage_ = Stage::kRequestLine;
  bool blank_line_skipped_ = false;
  bool has_host_ = false;
  bool has_content_length_ = false;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  LineScanner lines_;
  std::size_t header_bytes_ = 0;
  RequestHead head_;
  Framing framing_;
  Refusal refusal_;
};

}  // namespace ferry::http
