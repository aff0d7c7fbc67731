#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Every accepted message ends delivered, dead or cancelled, exactly once, and takes its rows along.
class EndingChecker : Checker {
 public:
  EndingChecker(const Facts& facts, Findings& findings) : Checker("endings", facts, findings) {}

  void on(const SetStored& stored);
  void on(const RunEnded& ended);

 private:
  std::set<DeliveryId> ended_;
};

}  // namespace ferry::simulation
