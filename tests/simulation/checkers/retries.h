#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// What is stored about an attempt is what its receiver said: the outcome, the time of the next
// attempt, and whether there is one.
class RetryChecker : Checker {
 public:
  RetryChecker(const Facts& facts, Findings& findings) : Checker("retries", facts, findings) {}

  void on(const AttemptReported& reported);
  void on(const SetStored& stored);

 private:
  // The same attempt may have been made in several lives, with several outcomes.
  using Reported = std::vector<Outcome>;

  void check(TimePoint now, const Entry& entry);
  bool wait_is_right(const Message& message, std::int32_t attempt, const Outcome& outcome,
                     TimePoint due, TimePoint now) const;

  std::map<std::pair<DeliveryId, std::int32_t>, Reported> reported_;
};

}  // namespace ferry::simulation
