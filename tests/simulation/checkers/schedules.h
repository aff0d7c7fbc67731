#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Schedules tick once at every time that their expression says, in the first step from then on;
// what the process slept through for a minute or more is skipped. A paused one never ticks.
class ScheduleChecker : Checker {
 public:
  ScheduleChecker(const Facts& facts, Findings& findings) : Checker("schedules", facts, findings) {}

  void on(const CallMade& made);
  void on(const CallAnswered& answered);
  void on(const SetStored& stored);
  void on(const StepMade& step);

 private:
  using Name = std::pair<TenantId, std::string>;
  using Made = std::map<Name, std::vector<DeliveryId>>;
  struct Known {
    SchedulePtr row;
    TimePoint stored_at;
  };

  struct Awaited {
    TimePoint tick;
    int steps = 0;
  };

  static Made made_in(const store::WriteSet& set);
  void check(const Schedule& row, TimePoint now, Made& made);
  void check_tick(const Schedule& before, const Schedule& row, TimePoint now,
                  const std::vector<DeliveryId>& made);
  void check_skip(const Schedule& before, const Schedule& row, TimePoint now);

  bool reads_body(const Name& name, TimePoint tick);

  std::map<Name, Known> known_;
  std::map<Name, Awaited> awaited_;           // ticks that wait for the body of their schedule
  std::map<Name, std::set<CallId>> changes_;  // saves and resumes that may still come
};

}  // namespace ferry::simulation
