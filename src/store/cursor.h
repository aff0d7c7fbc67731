#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ferry::store {

// The place of a row in a list: its time, then what tells rows of one time apart. Each list says
// what it puts into `a` and `b`; callers hand the text back as they got it.
struct Cursor {
  TimePoint time;
  std::int64_t a = 0;
  std::int64_t b = 0;

  friend auto operator<=>(const Cursor&, const Cursor&) = default;
};

// Letters, digits, '-' and '_': goes into a URL as it is.
std::string encode_cursor(const Cursor& cursor);

// kInvalidFilter for any text that encode_cursor does not make.
Result<Cursor> decode_cursor(std::string_view text);

}  // namespace ferry::store
