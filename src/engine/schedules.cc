// Schedules: saved, paused, and their ticks. A tick makes messages as a publish does, in one
// write-set with the schedule's row.

#include <utility>

#include "engine/admission.h"
#include "engine/families.h"
#include "engine/items.h"

namespace ferry::engine {
namespace {

// A tick that the server slept through is made up for if it is not older (contract section 9.3).
constexpr Duration kLateTick = std::chrono::seconds(60);

Error unknown_schedule(const std::string& id) {
  return {ErrorCode::kNotFound, "schedule " + id + " not found"};
}

void put(Engine::State& state, store::WriteSet& set, Schedule schedule) {
  const auto shared = std::make_shared<const Schedule>(std::move(schedule));
  state.calendar.follow(*shared);
  state.resources.put(shared);
  set.add(store::PutResource{shared});
}

PublishItem item_of(const Schedule& schedule) {
  PublishItem item{.target = {}, .group_name = {}, .incoming = {}, .options = schedule.options};
  const bool to_url = !host_key(schedule.destination).empty();
  (to_url ? item.target.url : item.group_name) = schedule.destination;
  item.body = schedule.body;
  return item;
}

// What the tick makes; an error stands in the schedule, and the next tick tries again.
Result<std::vector<DeliveryId>> make_messages(Engine::State& state, Turn& turn,
                                              store::WriteSet& set, const Schedule& schedule) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, schedule.tenant));
  PublishItem item = item_of(schedule);
  RETURN_IF_ERROR(resolve(state, *tenant, item));
  RETURN_IF_ERROR(check_quotas(state, *tenant, item.options, turn.now));
  RETURN_IF_ERROR(
      use_quota(state, turn, set, *tenant, std::ssize(urls_of(state, tenant->id, item))));
  const Origin origin{.tenant = *tenant,
                      .caller_ip = schedule.caller_ip,
                      .trace_context = {},
                      .schedule_id = schedule.id};
  std::vector<DeliveryId> ids;
  for (const PublishedDelivery& made : store_item(state, turn, set, origin, item)) {
    ids.push_back(made.id);
  }
  return ids;
}

void tick(Engine::State& state, Turn& turn, const Schedule& before) {
  store::WriteSet set;
  Schedule schedule = before;
  const TimePoint planned = *schedule.next_tick;
  if (turn.now - planned < kLateTick) {
    auto made = make_messages(state, turn, set, schedule);
    schedule.error = made ? std::string() : made.error().text;
    schedule.last_deliveries = std::move(made).value_or(std::vector<DeliveryId>());
    schedule.last_tick = turn.now;
    state.metrics.schedule_lateness.observe_us(
        std::chrono::microseconds(turn.now - planned).count());
  }
  schedule.next_tick = state.calendar.tick_after(schedule, planned);
  while (schedule.next_tick && *schedule.next_tick <= turn.now - kLateTick) {
    // Ticks that were slept through are skipped; "@every" keeps its beat.
    const auto later = state.calendar.tick_after(schedule, *schedule.next_tick);
    if (!later || *later <= *schedule.next_tick) break;
    schedule.next_tick = later;
  }
  put(state, set, std::move(schedule));
  turn.sets.push_back(std::move(set));
}

Result<void> check(const Engine::State& state, const Schedule& schedule, bool known,
                   TimePoint now) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, schedule.tenant));
  RETURN_IF_ERROR(check_quotas(state, *tenant, schedule.options, now));
  if (!known) RETURN_IF_ERROR(check_count(state, *tenant, ResourceKind::kSchedule, 1));
  return {};
}

}  // namespace

void apply(Engine::State& state, Turn& turn, SaveSchedule command) {
  Schedule& schedule = command.schedule;
  const auto known = state.resources.find<SchedulePtr>(schedule.tenant, schedule.id);
  if (auto allowed = check(state, schedule, known != nullptr, turn.now); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  schedule.created_at = known ? known->created_at : turn.now;
  schedule.paused = known && known->paused;
  schedule.next_tick = state.calendar.tick_after(schedule, turn.now);
  put(state, turn.open_set(), std::move(schedule));
  turn.reply(command.reply, Done{});
}

void apply(Engine::State& state, Turn& turn, PauseSchedule command) {
  const auto known = state.resources.find<SchedulePtr>(command.tenant, command.id);
  if (!known) return turn.reply(command.reply, unknown_schedule(command.id));
  Schedule schedule = *known;
  // The ticks of the pause are skipped, not made up for.
  if (schedule.paused && !command.paused) {
    schedule.next_tick = state.calendar.tick_after(schedule, turn.now);
  }
  schedule.paused = command.paused;
  put(state, turn.open_set(), std::move(schedule));
  turn.reply(command.reply, Done{});
}

void tick_schedules(Engine::State& state, Turn& turn) {
  for (const Calendar::Name& name : state.calendar.take_due(turn.now)) {
    if (const auto schedule = state.resources.find<SchedulePtr>(name.first, name.second)) {
      tick(state, turn, *schedule);
    }
  }
}

}  // namespace ferry::engine
