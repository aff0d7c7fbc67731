#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// One deduplication key, one message inside the window; a duplicate is answered with that message.
class DedupChecker : Checker {
 public:
  DedupChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("dedup", facts, findings), options_(options) {}

  void on(const SetStored& stored);
  void on(const CallAnswered& answered);

 private:
  const engine::Options& options_;
  std::map<std::pair<TenantId, DedupKey>, TimePoint> last_;  // when a message was stored
};

}  // namespace ferry::simulation
