#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// All items of a publish or none, in one write-set, and none twice.
class BatchChecker : Checker {
 public:
  BatchChecker(const Facts& facts, Findings& findings) : Checker("batches", facts, findings) {}

  void on(const SetStored& stored);

 private:
  std::set<CallId> seen_;
};

}  // namespace ferry::simulation
