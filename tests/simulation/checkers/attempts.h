#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// An attempt only for a delivery that is stored, due, not cancelled and not held back; one at a
// time for each delivery and within the limits of hosts and budget; no more than its message may
// have. One that did not start counts for nothing, and its host is left alone for as long as was
// said.
class AttemptChecker : Checker {
 public:
  AttemptChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("attempts", facts, findings), options_(options) {}

  void on(const AttemptStarted& started);
  void on(const AttemptReported& reported);
  void on(const AttemptNotStarted& lack);
  void on(const AttemptCut& cut);
  void on(const StepMade& step);
  void on(const LifeEnded& ended);
  void on(const CallMade& made);

 private:
  void check_row(const AttemptStarted& started, const DeliveryFact& fact);
  void check_time(const AttemptStarted& started, const DeliveryFact& fact);
  void check_limits(const AttemptStarted& started);
  void end(DeliveryId id);

  const engine::Options& options_;
  struct Running {
    std::uint64_t start = 0;
    std::string host;
  };
  std::map<DeliveryId, Running> running_;         // in this life
  std::map<std::string, std::uint32_t> at_host_;  // in this life
  std::map<std::string, TimePoint> not_before_;   // of hosts, in this life
  std::map<std::uint64_t, std::string> lacking_;  // starts that did not happen, in this step
  std::map<DeliveryId, std::int64_t> starts_;     // in all lives
  std::int64_t lives_ = 0;                        // that ended
  std::map<CallId, TimePoint> made_at_;
};

}  // namespace ferry::simulation
