#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// A dead letter is written with the end of its delivery and goes once: deleted or replaced by a new
// message, as its own tenant asked, or pruned when its time is over.
class LetterChecker : Checker {
 public:
  LetterChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("letters", facts, findings), options_(options) {}

  void on(const CallMade& made);
  void on(const SetStored& stored);
  void on(const CallAnswered& answered);
  void on(const CallLost&) { lost_ = true; }
  void on(const RunEnded& ended);

 private:
  void check_made(const store::WriteSet& set);
  void check_dropped(const store::WriteSet& set);
  void want(TenantId tenant, const std::vector<DeadLetterId>& letters);

  const engine::Options& options_;
  std::map<DeadLetterId, DeadLetterPtr> open_;
  std::set<DeadLetterId> wanted_;  // by their own tenant
  std::int64_t dropped_ = 0;
  std::int64_t answered_ = 0;
  bool lost_ = false;  // the answer to some call
};

}  // namespace ferry::simulation
