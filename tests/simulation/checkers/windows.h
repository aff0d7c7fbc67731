#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Memory stays within its bounds however much is pending, and the gauges tell the truth.
class WindowChecker : Checker {
 public:
  WindowChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("windows", facts, findings), options_(options) {}

  void on(const StepMade& step);
  void on(const RunEnded& ended);

 private:
  // Pending deliveries that may be in memory for their time.
  std::ptrdiff_t due_soon(TimePoint now) const;

  const engine::Options& options_;
  std::uint64_t steps_ = 0;
};

}  // namespace ferry::simulation
