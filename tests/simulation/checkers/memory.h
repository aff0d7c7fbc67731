#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// What recover() builds equals the memory of the engine that crashed, and recovering writes
// nothing.
class MemoryChecker : Checker {
 public:
  MemoryChecker(const Facts& facts, Findings& findings) : Checker("memory", facts, findings) {}

  void on(const LifeEnded& ended) { last_ = ended; }
  void on(const LifeBegan& began);

 private:
  LifeEnded last_;
};

}  // namespace ferry::simulation
