#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// The event log, read page by page as the API reads it, replays to the stored state: legal
// transitions only, exactly one end, and what is pending stands as its last event says.
class EventLogChecker : Checker {
 public:
  EventLogChecker(const Facts& facts, Findings& findings) : Checker("event log", facts, findings) {}

  void on(const RunEnded& ended);
  void on(const AttemptNotStarted& lack) { ++broken_off_[lack.said.delivery]; }
  void on(const AttemptCut& cut) { ++broken_off_[cut.cut.delivery]; }
  void on(const LifeEnded&) { ++lives_; }

  // The same while deliveries are pending.
  void replay(store::Store& store);

 private:
  struct Story {
    std::vector<Event> events;
  };
  std::map<DeliveryId, Story> read(store::Store& store, TenantId tenant);
  void check(DeliveryId id, const Story& story, store::Store& store);
  void check_pending(const Delivery& row, const Story& story);

  std::int64_t lives_ = 0;                         // that ended
  std::map<DeliveryId, std::int64_t> broken_off_;  // attempts that ended without an outcome
};

}  // namespace ferry::simulation
