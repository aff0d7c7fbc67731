#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ferry {

// The `Upstash-Retry-Delay` expression (contract section 6.3; the grammar is in the source file).

// kInvalidHeader with a text that names the offending place; also for more than
// limits::kRetryExpressionBytesMax bytes or limits::kRetryExpressionDepthMax levels.
Result<void> check_retry_expression(std::string_view text);

// The wait before the next attempt. `retried` is 0 before the first retry. Negative results are 0,
// those beyond limits::kDelayMax are kDelayMax; nothing for NaN, infinity or a text that does not
// parse (the caller then uses its default).
std::optional<Duration> evaluate_retry_expression(std::string_view text, int retried);

}  // namespace ferry
