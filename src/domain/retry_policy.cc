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

Verdict again_within(TimePoint first_attempt, Duration budget, TimePoint retry_at) {
  if (retry_at > first_attempt + budget) return {NextStep::kDead, {}};
  return {NextStep::kRetry, retry_at};
}

// An attempt for which there was no room does not use up a try.
Verdict judge_invocation(const Message& message, const Delivery& delivery, const Outcome& outcome,
                         const RetrySettings& settings) {
  if (outcome.kind == OutcomeKind::kThrottled) {
    const Duration wait = outcome.retry_after.value_or(
        doubled(settings.throttle_first, delivery.throttled, settings.throttle_max));
    return again_within(delivery.first_attempt_at.value_or(outcome.started_at),
                        settings.throttle_budget, outcome.ended_at + wait);
  }
  const std::int32_t tries = delivery.retried - delivery.throttled;
  if (tries >= message.max_retries) return {NextStep::kDead, {}};
  return {NextStep::kRetry, outcome.ended_at + doubled(settings.invocation_first, tries,
                                                       settings.invocation_max)};
}

Verdict judge_push(const Delivery& delivery, const Outcome& outcome,
                   const RetrySettings& settings) {
  const Duration wait = doubled(settings.push_first, delivery.retried, settings.push_max);
  return again_within(delivery.first_attempt_at.value_or(outcome.started_at), settings.push_budget,
                      outcome.ended_at + wait);
}

}  // namespace

Duration doubled(Duration first, int n, Duration longest) {
  Duration wait = first;
  for (int i = 0; i < n && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

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
  if (outcome.kind == OutcomeKind::kNonRetryable) {
    return {NextStep::kDead, {}, message.push && outcome.condition == kRecursionCondition};
  }
  if (message.kind == MessageKind::kInvocation) {
    return judge_invocation(message, delivery, outcome, settings);
  }
  if (message.kind == MessageKind::kPush) return judge_push(delivery, outcome, settings);
  if (delivery.retried >= message.max_retries) return {NextStep::kDead, {}};
  const Duration wait = wait_before_retry(message, delivery, outcome, settings);
  return {NextStep::kRetry, outcome.ended_at + wait};
}

}  // namespace ferry
