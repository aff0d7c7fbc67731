// Schedules: saved, paused, and their ticks. A tick makes messages as a publish does, in one
// write-set with the schedule's row. A large body is a row of its own, which a tick waits for.

#include <cstdint>
#include <optional>
#include <utility>

#include "domain/limits.h"
#include "engine/admission.h"
#include "engine/families.h"
#include "engine/items.h"

namespace ferry::engine {
namespace {

// A tick that the server slept through is made up for if it is not older (contract section 9.3).
constexpr Duration kLateTick = std::chrono::seconds(60);

// Of the bodies that ticks read at once; a single one may be larger.
constexpr std::int64_t kTickBodyBytesMax = 16 << 20;

Error unknown_schedule(const std::string& id) {
  return {ErrorCode::kNotFound, "schedule " + id + " not found"};
}

// A body that an older version left in its schedule moves as well.
void put(Engine::State& state, store::WriteSet& set, Schedule schedule) {
  if (schedule.body.size() > state.options.schedule_body_kept_max) {
    schedule.body_bytes = static_cast<std::int64_t>(schedule.body.size());
    set.add(store::PutResource{std::make_shared<const ScheduleBody>(
        ScheduleBody{schedule.tenant, schedule.id, std::exchange(schedule.body, Bytes())})});
  }
  const auto shared = std::make_shared<const Schedule>(std::move(schedule));
  state.calendar.follow(*shared);
  state.resources.put(shared);
  set.add(store::PutResource{shared});
}

PublishItem item_of(const Schedule& schedule, Bytes body) {
  PublishItem item{.target = {}, .group_name = {}, .incoming = {}, .options = schedule.options};
  const bool to_url = !host_key(schedule.destination).empty();
  (to_url ? item.target.url : item.group_name) = schedule.destination;
  item.body = std::move(body);
  return item;
}

// Whether the schedule's own deduplication id is free: each tick claims it anew (contract section
// 2.7). What its URL group's defaults say is for publishes alone.
enum class TickClaim : std::uint8_t { kFree, kTaken, kUnreadable, kBodyUnreadable };

std::optional<DedupKey> key_of(const Schedule& schedule) {
  if (!schedule.options.deduplication_id) return std::nullopt;
  return dedup_key_of_id(*schedule.options.deduplication_id);
}

// What the tick makes; an error stands in the schedule, and the next tick tries again.
Result<std::vector<DeliveryId>> make_messages(Engine::State& state, Turn& turn,
                                              store::WriteSet& set, const Schedule& schedule,
                                              Bytes body, TickClaim claim) {
  if (claim == TickClaim::kUnreadable) {
    return fail(ErrorCode::kInternal, "the deduplication record could not be read");
  }
  if (claim == TickClaim::kBodyUnreadable) {
    return fail(ErrorCode::kInternal, "the body could not be read");
  }
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, schedule.tenant));
  if (claim == TickClaim::kTaken) {
    state.metrics.deduplicated_total.add();
    return std::vector<DeliveryId>();
  }
  PublishItem item = item_of(schedule, std::move(body));
  RETURN_IF_ERROR(resolve(state, *tenant, item));
  RETURN_IF_ERROR(check_quotas(state, *tenant, item.options, turn.now));
  RETURN_IF_ERROR(
      use_quota(state, turn, set, *tenant, std::ssize(urls_of(state, tenant->id, item))));
  const Origin origin{.tenant = *tenant,
                      .caller_ip = schedule.caller_ip,
                      .trace_context = {},
                      .schedule_id = schedule.id};
  const auto made = store_item(state, turn, set, origin, item);
  if (const auto key = key_of(schedule)) remember(state, turn, set, tenant->id, *key, made);
  std::vector<DeliveryId> ids;
  ids.reserve(made.size());
  for (const PublishedDelivery& each : made) ids.push_back(each.id);
  return ids;
}

bool is_late(TimePoint planned, TimePoint now) { return now - planned >= kLateTick; }

void tick(Engine::State& state, Turn& turn, const Schedule& before, Bytes body, TickClaim claim) {
  store::WriteSet set;
  Schedule schedule = before;
  const TimePoint planned = *schedule.next_tick;
  if (!is_late(planned, turn.now)) {
    auto made = make_messages(state, turn, set, schedule, std::move(body), claim);
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

// Where its deduplication id may be taken, the tick goes on when the row of that is read.
void claim_and_tick(Engine::State& state, Turn& turn, const Schedule& schedule, Bytes body) {
  const auto key = key_of(schedule);
  if (!key || !state.dedup.may_contain(*key)) {
    return tick(state, turn, schedule, std::move(body), TickClaim::kFree);
  }
  const std::uint64_t load = state.loads.begin(
      Loads::ForTick{schedule.tenant, schedule.id, *schedule.next_tick, *key, std::move(body)});
  turn.load(load, Load::Dedup{schedule.tenant, *key});
}

void ask_for_bodies(Engine::State& state, Turn& turn) {
  TickBodies& bodies = state.tick_bodies;
  while (!bodies.waiting.empty()) {
    Loads::ForTickBody& next = bodies.waiting.front();
    if (bodies.bytes > 0 && bodies.bytes + next.bytes > kTickBodyBytesMax) return;
    bodies.bytes += next.bytes;
    Load::ScheduleBody wanted{next.tenant, next.schedule};
    turn.load(state.loads.begin(std::move(next)), std::move(wanted));
    bodies.waiting.pop_front();
  }
}

// The schedule of a tick that waited for a row; null if it was changed, paused or dropped since,
// of which the calendar was told.
template <class Purpose>
SchedulePtr waiting(const Engine::State& state, const Purpose& purpose) {
  const auto schedule = state.resources.find<SchedulePtr>(purpose.tenant, purpose.schedule);
  const bool waits = schedule && !schedule->paused && schedule->next_tick == purpose.planned;
  return waits ? schedule : nullptr;
}

// The quota on memory, and that on bodies which are rows.
Result<void> check_room(const Engine::State& state, const Tenant& tenant, const Schedule& schedule,
                        const SchedulePtr& known) {
  const std::int64_t before = known ? known->body_bytes : 0;
  Schedule row = schedule;
  if (row.body.size() > state.options.schedule_body_kept_max) {
    const std::int64_t most =
        tenant.quotas.schedule_body_bytes.value_or(limits::kScheduleBodyBytesMaxDefault);
    const std::int64_t more = std::ssize(row.body.view()) - before;
    if (more > 0 && state.resources.schedule_body_bytes(tenant.id) + more > most) {
      return fail(ErrorCode::kQuotaExceeded,
                  "quota maxScheduleBodyBytes exceeded, current limit: " + std::to_string(most));
    }
    row.body = {};
  }
  const Resource old = known;
  return check_memory(state, tenant, std::make_shared<const Schedule>(std::move(row)),
                      known ? &old : nullptr);
}

Result<void> check(const Engine::State& state, const Schedule& schedule, const SchedulePtr& known,
                   TimePoint now) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, schedule.tenant));
  RETURN_IF_ERROR(check_quotas(state, *tenant, schedule.options, now));
  if (!known) RETURN_IF_ERROR(check_count(state, *tenant, ResourceKind::kSchedule, 1));
  return check_room(state, *tenant, schedule, known);
}

}  // namespace

void apply(Engine::State& state, Turn& turn, SaveSchedule command) {
  Schedule& schedule = command.schedule;
  const auto known = state.resources.find<SchedulePtr>(schedule.tenant, schedule.id);
  if (auto allowed = check(state, schedule, known, turn.now); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  schedule.created_at = known ? known->created_at : turn.now;
  schedule.paused = known && known->paused;
  schedule.next_tick = state.calendar.tick_after(schedule, turn.now);
  const bool leaves_row = known && known->body_bytes > 0 &&
                          schedule.body.size() <= state.options.schedule_body_kept_max;
  if (leaves_row) {
    turn.open_set().add(
        store::DropResource{ResourceKind::kScheduleBody, schedule.tenant, schedule.id});
  }
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
    const auto schedule = state.resources.find<SchedulePtr>(name.first, name.second);
    if (!schedule) continue;
    if (schedule->body_bytes > 0 && !is_late(*schedule->next_tick, turn.now)) {
      state.tick_bodies.waiting.push_back(Loads::ForTickBody{
          schedule->tenant, schedule->id, *schedule->next_tick, schedule->body_bytes});
    } else {
      claim_and_tick(state, turn, *schedule, schedule->body);
    }
  }
  ask_for_bodies(state, turn);
}

void tick_body_loaded(Engine::State& state, Turn& turn, const Loads::ForTickBody& purpose,
                      const ScheduleBodyPtr& body) {
  state.tick_bodies.bytes -= purpose.bytes;
  const SchedulePtr schedule = waiting(state, purpose);
  if (schedule && body) {
    claim_and_tick(state, turn, *schedule, body->body);
  } else if (schedule) {
    tick(state, turn, *schedule, {}, TickClaim::kBodyUnreadable);
  }
  ask_for_bodies(state, turn);
}

void tick_loaded(Engine::State& state, Turn& turn, const Loads::ForTick& purpose,
                 std::optional<DedupRecord> record) {
  const SchedulePtr schedule = waiting(state, purpose);
  if (!schedule) return;
  // What was published while the tick waited may be the first; the read may be older than that.
  const DedupRecord* newer = state.loads.written(purpose.tenant, purpose.key);
  if (newer != nullptr) record = *newer;
  const bool taken = record && record->expires_at > turn.now;
  tick(state, turn, *schedule, purpose.body, taken ? TickClaim::kTaken : TickClaim::kFree);
}

void tick_failed(Engine::State& state, Turn& turn, const Loads::ForTick& purpose) {
  const SchedulePtr schedule = waiting(state, purpose);
  if (schedule) tick(state, turn, *schedule, {}, TickClaim::kUnreadable);
}

}  // namespace ferry::engine
