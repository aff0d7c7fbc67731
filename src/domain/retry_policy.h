#pragma once

#include "base/time.h"
#include "domain/delivery.h"
#include "domain/message.h"

namespace ferry {

// What an operator sets about retries.
struct RetrySettings {
  double backoff_factor = 2.0;                    // seed 001; 2.5 is the public service's spacing
  Duration backoff_max = std::chrono::hours(24);  // contract section 6.2
  Duration retry_delay_max = std::chrono::hours(24 * 7);  // cap of Upstash-Retry-Delay's result
  // Of function errors: how long before the second try, doubled each time (Function Compute
  // contract section 2.1).
  Duration invocation_first = std::chrono::seconds(1);
  Duration invocation_max = std::chrono::seconds(60);
  // While the function has no room: doubled each time, for so long in all.
  Duration throttle_first = std::chrono::milliseconds(500);
  Duration throttle_max = std::chrono::minutes(5);
  Duration throttle_budget = std::chrono::hours(5);
  // Of pushes to a destination (seed 003): the last one starts within the budget.
  Duration push_first = std::chrono::milliseconds(500);
  Duration push_max = std::chrono::seconds(60);
  Duration push_budget = std::chrono::minutes(30);
  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};

// min(backoff_max, e^(factor * n)) in whole seconds; n is 1 for the first retry.
Duration default_backoff(int n, const RetrySettings& settings);

enum class NextStep : std::uint8_t { kDelivered, kRetry, kDead };

struct Verdict {
  NextStep step = NextStep::kDead;
  TimePoint retry_at;    // with kRetry
  bool stopped = false;  // with kDead: by the guard against loops
};

// first * 2^n, at most `longest`.
Duration doubled(Duration first, int n, Duration longest);

// What follows from an outcome of attempt number `delivery.retried`. Pure: the dispatcher asks it
// to know which hook bodies to render, the engine asks it again to decide, and both get the same
// answer.
Verdict judge(const Message& message, const Delivery& delivery, const Outcome& outcome,
              const RetrySettings& settings);

}  // namespace ferry
