#include <string>

#include "base/check.h"
#include "base/time.h"
#include "fuzz/input.h"

// Durations and dates from any text: in bounds, and the same again once written.

using namespace ferry;  // NOLINT: a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  constexpr Duration kLongest = std::chrono::days(100 * 366);
  if (const auto duration = parse_duration(text)) {
    CHECK(*duration >= Duration(0) && *duration <= kLongest);
    const auto again = parse_duration(format_duration(*duration));
    CHECK(again && *again == *duration);
  }
  if (const auto duration = parse_go_duration(text)) {
    CHECK(*duration >= Duration(0) && *duration <= kLongest);
  }
  if (const auto date = parse_http_date(text)) CHECK(format_http_date(*date) == text);
  return 0;
}
