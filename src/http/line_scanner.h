#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferry::http {

// Finds the lines of a head or of the chunked coding in bytes that arrive bit by bit. What it says
// of a line depends on the bytes alone, never on how they were cut into reads: a line that is too
// long is too long whether or not its end is in sight.
class LineScanner {
 public:
  enum class Found : std::uint8_t { kLine, kNothingYet, kTooLong, kBareLineFeed };
  struct Scan {
    Found found = Found::kNothingYet;
    std::string_view line;  // without its CR LF
    std::size_t bytes = 0;  // of the line with its CR LF
  };

  // Looks at the start of `data` for a line of at most `line_bytes_max` bytes without its end.
  // After kNothingYet the next call begins with the same bytes and more after them.
  Scan next(std::string_view data, std::size_t line_bytes_max) {
    const std::size_t end = data.find('\n', scanned_);
    const bool found = end != std::string_view::npos;
    scanned_ = found ? 0 : data.size();
    if ((found ? end : data.size()) > line_bytes_max + 1) return {Found::kTooLong, {}, 0};
    if (!found) return {};
    if (end == 0 || data[end - 1] != '\r') return {Found::kBareLineFeed, {}, 0};
    return {Found::kLine, data.substr(0, end - 1), end + 1};
  }

  // No byte of an unfinished line has been seen.
  bool between_lines() const { return scanned_ == 0; }

 private:
  std::size_t scanned_ = 0;  // bytes of the unfinished line that hold no line end
};

}  // namespace ferry::http
