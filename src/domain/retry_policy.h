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
  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};

// min(backoff_max, e^(factor * n)) in whole seconds; n is 1 for the first retry.
Duration default_backoff(int n, const RetrySettings& settings);

enum class NextStep : std::uint8_t { kDelivered, kRetry, kDead };

struct Verdict {
  NextStep step = NextStep::kDead;
  TimePoint retry_at;  // with kRetry
};

// What follows from an outcome of attempt number `delivery.retried`. Pure: the dispatcher asks it
// to know which hook bodies to render, the engine asks it again to decide, and both get the same
// answer.
Verdict judge(const Message& message, const Delivery& delivery, const Outcome& outcome,
              const RetrySettings& settings);

}  // namespace ferry
