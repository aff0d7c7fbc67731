#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Exactly the promised callbacks, stored with the outcome that sets them off: one for each recorded
// attempt, the failure callback once, with the dead letter's own id in its body.
class HookChecker : Checker {
 public:
  HookChecker(const Facts& facts, Findings& findings) : Checker("hooks", facts, findings) {}

  void on(const SetStored& stored);

 private:
  struct Counts {
    int callbacks = 0;
    int failure_callbacks = 0;
  };
  void check_message(const store::WriteSet& set, const Message& message);
  void check_entry(const Entry& entry, const Counts& made);
};

}  // namespace ferry::simulation
