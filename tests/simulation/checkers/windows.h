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
  const engine::Options& options_;
};

}  // namespace ferry::simulation
