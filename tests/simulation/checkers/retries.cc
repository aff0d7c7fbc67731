#include "simulation/checkers/retries.h"

#include <algorithm>

namespace ferry::simulation {
namespace {

// The waits of the expressions that clients use, and of the backoff without one: written down here
// and not computed by the rules under test.
Duration wait_of(const Message& message, std::int32_t attempt) {
  const std::string& expression = message.retry_delay_expression;
  if (expression == "0") return Duration(0);
  if (expression == "40") return Duration(40);
  if (expression == "2500") return Duration(2'500);
  if (expression == "300 * (1 + retried)") return Duration(300 * (1 + attempt));
  constexpr std::int64_t kBackoffSeconds[] = {7, 54, 403, 2'980, 22'026};
  return std::chrono::seconds(kBackoffSeconds[std::min(attempt, 4)]);
}

template <class Is>
bool any(const std::vector<Outcome>& outcomes, Is is) {
  return std::ranges::any_of(outcomes, is);
}

}  // namespace

void RetryChecker::on(const AttemptReported& reported) {
  reported_[{reported.record.delivery, reported.record.attempt}].push_back(reported.record.outcome);
}

void RetryChecker::on(const SetStored& stored) {
  for_each<store::AppendEntry>(
      stored.set, [&](const store::AppendEntry& append) { check(stored.now, append.entry); });
}

bool RetryChecker::wait_is_right(const Message& message, std::int32_t attempt,
                                 const Outcome& outcome, TimePoint due, TimePoint now) const {
  const Duration wait = outcome.retry_after.value_or(wait_of(message, attempt));
  return outcome.kind == OutcomeKind::kFailed && due == std::max(now, outcome.ended_at + wait);
}

void RetryChecker::check(TimePoint now, const Entry& entry) {
  const bool success = has_state(entry, EventState::kDelivered);
  const bool failure = has_state(entry, EventState::kError);
  if (!success && !failure) return;
  const Delivery& row = entry.delivery;
  const bool retry = has_state(entry, EventState::kRetry);
  const std::int32_t attempt = retry ? row.retried - 1 : row.retried;
  const Message& message = *facts_.find(row.id)->message;
  const Reported& said = reported_[{row.id, attempt}];
  if (success) {
    expect(any(said, [](const Outcome& o) { return o.kind == OutcomeKind::kDelivered; }),
           "delivered, but no receiver said so", row.id.value);
    return;
  }
  expect(any(said, [](const Outcome& o) { return o.kind != OutcomeKind::kDelivered; }),
         "failed, but no receiver said so", row.id.value);
  if (message.invocation || message.push) return;  // by rules of their own: functions.h
  if (retry) {
    expect(attempt < message.max_retries, "retried beyond the last retry", row.id.value);
    expect(
        any(said,
            [&](const Outcome& o) { return wait_is_right(message, attempt, o, row.due_at, now); }),
        "retried at the wrong time", row.id.value);
    expect(entry.events.back().next_delivery_at == row.due_at, "RETRY tells another time",
           row.id.value);
  } else if (has_state(entry, EventState::kFailed)) {
    const bool refused =
        any(said, [](const Outcome& o) { return o.kind == OutcomeKind::kNonRetryable; });
    expect(refused || attempt == message.max_retries, "gave up too early", row.id.value);
  }
}

}  // namespace ferry::simulation
