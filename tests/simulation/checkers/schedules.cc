#include "simulation/checkers/schedules.h"

namespace ferry::simulation {
namespace {

constexpr Duration kSkipped = std::chrono::seconds(60);
constexpr std::int64_t kMinute = 60'000;
constexpr int kStepsOfARead = 300;

// The ticks of the expressions that clients use: written down here and not computed by the rules
// under test.
std::optional<TimePoint> tick_after(const Schedule& schedule, TimePoint after) {
  if (schedule.cron == "0 0 31 2 *") return std::nullopt;
  if (schedule.cron == "@every 1m30s") {
    return std::chrono::floor<std::chrono::seconds>(after) + std::chrono::seconds(90);
  }
  std::int64_t minute = to_unix_ms(after) / kMinute + 1;
  const bool even = schedule.cron == "*/2 * * * *";
  const bool odd = schedule.cron.contains("1-59/2");
  if ((even && minute % 2 == 1) || (odd && minute % 2 == 0)) ++minute;
  return from_unix_ms(minute * kMinute);
}

std::optional<TimePoint> tick_after_skips(const Schedule& schedule, TimePoint now) {
  std::optional<TimePoint> tick = tick_after(schedule, *schedule.next_tick);
  while (tick && *tick <= now - kSkipped) tick = tick_after(schedule, *tick);
  return tick;
}

std::optional<std::pair<TenantId, std::string>> changed_by(const engine::Command& command) {
  if (const auto* save = std::get_if<engine::SaveSchedule>(&command)) {
    return std::pair(save->schedule.tenant, save->schedule.id);
  }
  if (const auto* pause = std::get_if<engine::PauseSchedule>(&command)) {
    return std::pair(pause->tenant, pause->id);
  }
  return std::nullopt;
}

}  // namespace

void ScheduleChecker::on(const CallMade& made) {
  if (const auto name = changed_by(made.command)) changes_[*name].insert(made.call);
}

void ScheduleChecker::on(const CallAnswered& answered) {
  const auto call = facts_.calls.find(answered.call);
  if (call == facts_.calls.end()) return;
  if (const auto name = changed_by(call->second.command)) changes_[*name].erase(answered.call);
}

ScheduleChecker::Made ScheduleChecker::made_in(const store::WriteSet& set) {
  Made made;
  if (only<store::DropDeadLetter>(set) != nullptr) return made;
  std::set<MessageId> fresh;
  for_each<store::PutMessage>(set, [&](const auto& put) { fresh.insert(put.message->id); });
  for_each<store::PutDelivery>(set, [&](const store::PutDelivery& put) {
    const Delivery& row = put.delivery;
    if (row.to->schedule_id.empty() || !fresh.contains(row.message_id)) return;
    made[{row.tenant, row.to->schedule_id}].push_back(row.id);
  });
  return made;
}

void ScheduleChecker::on(const SetStored& stored) {
  Made made = made_in(stored.set);
  for_each<store::PutResource>(stored.set, [&](const store::PutResource& put) {
    const auto* row = std::get_if<SchedulePtr>(&put.resource);
    if (row == nullptr) return;
    check(**row, stored.now, made);
    known_[{(*row)->tenant, (*row)->id}] = {*row, stored.now};
  });
  for_each<store::DropResource>(stored.set, [&](const store::DropResource& drop) {
    if (drop.kind == ResourceKind::kSchedule) known_.erase({drop.tenant, drop.name});
  });
  for (const auto& [name, ids] : made) {
    expect(false, "messages of a schedule that does not tick", ids.front().value);
  }
}

void ScheduleChecker::check(const Schedule& row, TimePoint now, Made& made) {
  const Name name{row.tenant, row.id};
  const auto known = known_.find(name);
  const Schedule* before = known == known_.end() ? nullptr : known->second.row.get();
  if (before != nullptr && row.last_tick && row.last_tick != before->last_tick) {
    check_tick(*before, row, now, made[name]);
    made.erase(name);
    return;
  }
  const bool anew = row.next_tick == tick_after(row, now);
  if (before == nullptr) return expect(anew, "saved with a wrong next tick");
  if (before->paused && !row.paused) return expect(anew, "resumed with a tick of the pause");
  const bool changed = !changes_[name].empty() && (anew || row.next_tick == before->next_tick);
  if (!changed) check_skip(*before, row, now);
}

void ScheduleChecker::check_tick(const Schedule& before, const Schedule& row, TimePoint now,
                                 const std::vector<DeliveryId>& made) {
  expect(!before.paused && !row.paused, "a paused schedule ticks");
  expect(before.next_tick.has_value(), "a tick that never comes");
  if (!before.next_tick) return;
  const std::int64_t planned = to_unix_ms(*before.next_tick);
  expect(row.last_tick == now && *before.next_tick <= now, "a tick before its time", planned);
  expect(now - *before.next_tick < kSkipped, "a tick that is too late to be made up for", planned);
  expect(row.last_deliveries == made, "a tick tells other deliveries than it made", planned);
  expect(row.error.empty() == !made.empty(), "a tick without messages or error", planned);
  expect(row.next_tick == tick_after_skips(before, now), "a wrong next tick", planned);
}

void ScheduleChecker::check_skip(const Schedule& before, const Schedule& row, TimePoint now) {
  expect(!before.paused && before.next_tick && now - *before.next_tick >= kSkipped,
         "a tick that is skipped although it is not late");
  if (before.next_tick) {
    expect(row.next_tick == tick_after_skips(before, now), "a wrong next tick after a skip");
  }
}

// A tick waits for its body, which is read within a number of steps: the clock may jump in between.
bool ScheduleChecker::reads_body(const Name& name, TimePoint tick) {
  Awaited& awaited = awaited_[name];
  if (awaited.tick != tick) awaited = {.tick = tick, .steps = 0};
  return ++awaited.steps < kStepsOfARead;
}

void ScheduleChecker::on(const StepMade& step) {
  for (const auto& [name, known] : known_) {
    if (known.row->paused || !known.row->next_tick) continue;
    const TimePoint tick = *known.row->next_tick;
    if (known.row->body_bytes > 0 && tick <= step.now && reads_body(name, tick)) continue;
    expect(tick > step.now || known.stored_at == step.now, "a tick did not come", to_unix_ms(tick));
    expect(step.wake_at <= tick, "the engine sleeps through a tick", to_unix_ms(tick));
  }
}

}  // namespace ferry::simulation
