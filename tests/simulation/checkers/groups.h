#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Fan-out: a message to a URL group has one delivery for each endpoint that the group has at that
// moment, all in one write-set, and its content leaves with the last of them.
class GroupChecker : Checker {
 public:
  GroupChecker(const Facts& facts, Findings& findings) : Checker("groups", facts, findings) {}

  void on(const SetStored& stored);

 private:
  void check_fan_out(const store::WriteSet& set, const Message& message);

  std::map<MessageId, std::int64_t> open_;  // deliveries that have not ended
};

}  // namespace ferry::simulation
