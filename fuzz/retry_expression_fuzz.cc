#include "base/check.h"
#include "domain/limits.h"
#include "domain/retry_expression.h"
#include "fuzz/input.h"

// An expression that was refused never gives a wait, one that was accepted never one out of bounds.

using namespace ferry;  // NOLINT: a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const bool accepted = check_retry_expression(text).has_value();
  for (const int retried : {0, 1, 2, 10, limits::kRetriesMax}) {
    const auto wait = evaluate_retry_expression(text, retried);
    if (!wait) continue;
    CHECK(accepted);
    CHECK(*wait >= Duration(0) && *wait <= limits::kDelayMax);
  }
  return 0;
}
