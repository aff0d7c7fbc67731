#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "engine/protocol.h"
#include "simulation/plan.h"

namespace ferry::simulation {

// The far ends of all attempts, and the dispatcher in front of them: an attempt becomes an outcome.
class Receivers {
 public:
  Receivers(Random& random, const Plan& plan) : random_(random), plan_(plan) {}

  // The URL of host `index`.
  static std::string url_of(std::size_t index);
  // The address of the URL's host: two hosts share one. Empty for what is no such URL.
  static std::string address_of(std::string_view url);

  struct Answer {
    Duration latency;
    engine::RecordOutcome record;  // as if it were reported `latency` from now
  };
  Answer answer(const engine::StartAttempt& attempt, TimePoint now);

 private:
  Duration latency_of(HostKind kind);
  Outcome outcome_of(HostKind kind);

  Random& random_;
  const Plan& plan_;
  IdCodec codec_{"simulated"};
};

}  // namespace ferry::simulation
