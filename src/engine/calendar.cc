#include "engine/calendar.h"

namespace ferry::engine {
namespace {

constexpr std::size_t kParsedMax = 10'000;

}  // namespace

void Calendar::follow(const Schedule& schedule) {
  Name name{schedule.tenant, schedule.id};
  forget(name);
  if (schedule.paused || !schedule.next_tick) return;
  ticks_.emplace(*schedule.next_tick, name);
  tick_of_.emplace(std::move(name), *schedule.next_tick);
}

void Calendar::forget(const Name& name) {
  const auto it = tick_of_.find(name);
  if (it == tick_of_.end()) return;
  ticks_.erase({it->second, name});
  tick_of_.erase(it);
}

std::vector<Calendar::Name> Calendar::take_due(TimePoint now) {
  std::vector<Name> due;
  while (!ticks_.empty() && ticks_.begin()->first <= now) {
    due.push_back(ticks_.begin()->second);
    forget(due.back());
  }
  return due;
}

std::optional<TimePoint> Calendar::tick_after(const Schedule& schedule, TimePoint after) {
  if (parsed_.size() >= kParsedMax) parsed_.clear();
  auto it = parsed_.find(schedule.cron);
  if (it == parsed_.end()) {
    auto cron = Cron::parse(schedule.cron);
    it =
        parsed_.emplace(schedule.cron, cron ? std::optional(std::move(*cron)) : std::nullopt).first;
  }
  return it->second ? it->second->next_after(after) : std::nullopt;
}

}  // namespace ferry::engine
