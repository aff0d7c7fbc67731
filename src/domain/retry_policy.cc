#include "domain/retry_policy.h"

#include <algorithm>
#include <cmath>

#include "domain/retry_expression.h"

namespace ferry {
namespace {

Duration wait_before_retry(const Message& message, const Delivery& delivery, const Outcome& outcome,
                           const RetrySettings& settings) {
  if (outcome.retry_after) return *outcome.retry_after;
  if (!message.retry_delay_expression.empty()) {
    if (const auto wait =
            evaluate_retry_expression(message.retry_delay_expression, delivery.retried)) {
      return std::min(*wait, settings.retry_delay_max);
    }
  }
  return default_backoff(delivery.retried + 1, settings);
}

}  // namespace

Duration default_backoff(int n, const RetrySettings& settings) {
  using std::chrono::seconds;
  const double wait = std::floor(std::exp(settings.backoff_factor * n));
  const auto longest = std::chrono::floor<seconds>(settings.backoff_max).count();
  if (wait > static_cast<double>(longest)) return settings.backoff_max;
  return seconds(static_cast<std::int64_t>(wait));
}

Verdict judge(const Message& message, const Delivery& delivery, const Outcome& outcome,
              const RetrySettings& settings) {
  if (outcome.kind == OutcomeKind::kDelivered) return {NextStep::kDelivered, {}};
  if (outcome.kind == OutcomeKind::kNonRetryable || delivery.retried >= message.max_retries) {
    return {NextStep::kDead, {}};
  }
  const Duration wait = wait_before_retry(message, delivery, outcome, settings);
  return {NextStep::kRetry, outcome.ended_at + wait};
}

}  // namespace ferry
