#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Invocations and the pushes of their results: exactly the promised pushes, stored with the end of
// what they are of, an invocation or a push that the guard against loops stopped; budgets of time
// that begin with the first attempt and never anew; tries that throttling does not use up; one task
// of each id; chains that grow by one and end at their limit.
class FunctionChecker : Checker {
 public:
  FunctionChecker(const Facts& facts, Findings& findings) : Checker("functions", facts, findings) {}

  void on(const AttemptReported& reported);
  void on(const SetStored& stored);
  void on(const CallAnswered& answered);

 private:
  void check_push(const store::WriteSet& set, const Message& push);
  void check_promises(const store::WriteSet& set, const Entry& entry);
  void check_budget(const Delivery& row, TimePoint now);
  void check_letter(const DeadLetter& letter);
  void check_lineage(const Message& message);
  const Message* push_behind(std::string_view request_id) const;

  // An attempt may be reported more than once: its outcome was lost with its process.
  std::map<DeliveryId, std::set<TimePoint>> first_started_;  // of first attempts
  std::map<std::pair<DeliveryId, std::int32_t>, std::set<OutcomeKind>> reported_;
  std::set<DeliveryId> stopped_;  // pushes, by the guard against loops
  std::map<std::pair<TenantId, std::string>, TimePoint> tasks_;  // function and id, until when
};

}  // namespace ferry::simulation
