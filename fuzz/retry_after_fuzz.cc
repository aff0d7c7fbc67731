#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "dispatch/outcome_classifier.h"
#include "domain/limits.h"
#include "fuzz/input.h"

// How long an answer asks us to wait: nothing or a time within the limit, and of digits alone their
// number of seconds, however many they are.

using namespace ferry;  // NOLINT: a program of one file

namespace {

// Nothing for other characters and for more than the limit.
std::optional<Duration> seconds_of(std::string_view digits) {
  std::int64_t seconds = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = std::min<std::int64_t>(seconds * 10 + (c - '0'), 1'000'000);
  }
  const Duration wait = std::chrono::seconds(seconds);
  return wait <= limits::kRetryAfterMax ? std::optional(wait) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  constexpr TimePoint kNow = from_unix_ms(1'760'000'000'000);
  const auto wait = dispatch::retry_after_of({{"Retry-After", std::string(text)}}, kNow);
  if (wait) CHECK(*wait >= Duration(0) && *wait <= limits::kRetryAfterMax);
  const bool is_digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_digits) CHECK(wait == seconds_of(text));
  return 0;
}
