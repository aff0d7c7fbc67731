#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "domain/cron.h"
#include "domain/schedule.h"

namespace ferry::engine {

// When schedules tick next, the earliest first. Paused ones are not in it.
class Calendar {
 public:
  using Name = std::pair<TenantId, std::string>;

  // The schedule ticks at its next_tick, if it has one and is not paused.
  void follow(const Schedule& schedule);
  void forget(const Name& name);

  // The schedules that are to tick at `now`, taken out: they are followed again afterwards.
  std::vector<Name> take_due(TimePoint now);
  TimePoint next() const { return ticks_.empty() ? TimePoint::max() : ticks_.begin()->first; }

  // The tick of a schedule behind `after`; its expression has been parsed before, so it is right.
  std::optional<TimePoint> tick_after(const Schedule& schedule, TimePoint after);

 private:
  std::set<std::pair<TimePoint, Name>> ticks_;
  std::map<Name, TimePoint> tick_of_;
  std::map<std::string, std::optional<Cron>> parsed_;  // by text
};

}  // namespace ferry::engine
