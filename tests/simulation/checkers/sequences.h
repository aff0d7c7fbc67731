#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Queues and ordering keys. A member starts only when fewer than the parallelism of those that
// started earlier are unfinished, callbacks included, and when all that stand in line before it
// have started. A delayed one stands in line when its row says so. Nothing of a paused queue starts.
//
// Slots are counted from what is durable: one of a first attempt that a crash cut off is free, for
// that member is the first in line again; all others survive.
class SequenceChecker : Checker {
 public:
  SequenceChecker(const Facts& facts, Findings& findings) : Checker("sequences", facts, findings) {}

  void on(const SetStored& stored);
  void on(const AttemptStarted& started);
  void on(const LifeEnded& ended);

 private:
  // A queue or an ordering key of a tenant.
  struct Line {
    TenantId tenant;
    std::string queue;
    std::string ordering_key;
    friend auto operator<=>(const Line&, const Line&) = default;
  };
  struct Slot {
    Line line;
    std::set<DeliveryId> users;  // the member and its callbacks, as far as they are unfinished
  };
  // A member that has not ended; `entered` counts up as rows come to stand in their line.
  struct Member {
    std::optional<std::uint64_t> entered;
    store::LanePlace place;
  };

  static std::optional<Line> line_of(const Delivery& row);
  std::int32_t parallelism(const Line& line) const;
  void note_row(const Delivery& row);
  void note_end(DeliveryId id);
  void take_slot(const Line& line, DeliveryId id);
  std::int64_t slots_of(const Line& line) const;
  std::int64_t unstarted_before(const Line& line, DeliveryId id);

  std::map<Line, std::map<DeliveryId, Member>> members_;
  std::map<DeliveryId, Slot> slots_;  // by member
  std::map<DeliveryId, DeliveryId> slot_of_;
  std::map<Line, std::int32_t> most_;  // the largest parallelism of a queue in this life
  std::uint64_t entered_ = 0;
};

}  // namespace ferry::simulation
