#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/flow_keys.h"
#include "engine/recovery.h"
#include "engine/running.h"
#include "engine/state.h"

namespace ferry::engine {
namespace {

void take_due(Engine::State& state, Turn& turn) {
  // By id: making one delivery ready may end it, and never touches another.
  for (Held* held : state.index.take_due(turn.now)) make_ready(state, turn, *held);
}

// Ahead of the replies that it is shown with. Usage of a tenant deleted meanwhile is nobody's.
std::vector<Effect> tell_usage(Engine::State& state) {
  std::vector<Effect> told;
  for (const TenantId tenant : std::exchange(state.usage_untold, {})) {
    const auto known = state.usage.find(tenant);
    if (known != state.usage.end()) told.emplace_back(UsageChanged{tenant, known->second});
  }
  return told;
}

Result<void> commit(Engine::State& state, Turn& turn) {
  std::erase_if(turn.sets, [](const store::WriteSet& set) { return set.empty(); });
  if (!turn.sets.empty()) RETURN_IF_ERROR(state.store.commit(turn.sets));
  state.totals.committed(state.store.position());
  return {};
}

TimePoint next_wake(const Engine::State& state, TimePoint now) {
  if (state.starts_left) return now;
  const TimePoint loads = std::max(state.index.next_wake(now), now);
  const TimePoint wake =
      std::min({next_upkeep(state), loads, state.ledger.next_window(), state.calendar.next()});
  if (now >= state.loads_from) return wake;
  // After a failed read: it is asked for again then, and the wait must not become a spin.
  return std::min(state.loads_from, wake <= now ? state.calendar.next() : wake);
}

// One that waits for its body or its deduplication record is still to come, unless its schedule was
// changed since.
TimePoint first_tick(const Engine::State& state) {
  TimePoint first = state.calendar.next();
  const auto take = [&](TenantId tenant, const std::string& name, TimePoint planned) {
    const auto schedule = state.resources.find<SchedulePtr>(tenant, name);
    const bool waits = schedule && !schedule->paused && schedule->next_tick == planned;
    if (waits) first = std::min(first, planned);
  };
  state.loads.show_ticks(take);
  for (const Loads::ForTickBody& tick : state.tick_bodies.waiting) {
    take(tick.tenant, tick.schedule, tick.planned);
  }
  return first;
}

}  // namespace

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::recover(store::Store& store, Options options,
                                                Metrics& metrics, TimePoint now) {
  auto state = std::make_unique<State>(store, options, metrics);
  RETURN_IF_ERROR(recover_state(*state, now));
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<Step> Engine::step(TimePoint now, std::vector<Command> inbox, Budget budget) {
  Turn turn{.now = now, .life = state_->life, .sets = {}, .effects = {}};
  for (Command& command : inbox) {
    std::visit([&](auto& c) { apply(*state_, turn, std::move(c)); }, command);
  }
  tick_schedules(*state_, turn);
  take_due(*state_, turn);
  keep_up(*state_, turn);
  make_room(*state_, turn);
  ask_for_loads(*state_, turn);
  std::vector<Effect> starts = start_attempts(*state_, turn, budget);
  store_windows(*state_, turn);
  RETURN_IF_ERROR(commit(*state_, turn));
  Step step{.effects = tell_usage(*state_), .wake_at = next_wake(*state_, now)};
  if (step.effects.empty()) {
    step.effects = std::move(turn.effects);
  } else {
    std::ranges::move(turn.effects, std::back_inserter(step.effects));
  }
  std::ranges::move(starts, std::back_inserter(step.effects));
  return step;
}

std::uint32_t Engine::in_flight() const { return state_->ledger.shares().running(); }

TenantCatalogPtr Engine::catalog() const { return state_->catalog; }

std::string Engine::fingerprint() const {
  std::string text = "paused " + std::to_string(state_->catalog->paused()) + "\nlast_id " +
                     std::to_string(state_->ids.last()) + "\n";
  for (const TenantPtr& tenant : state_->catalog->all()) {
    text += "tenant " + std::to_string(tenant->id.value) + " " + tenant->name + " " +
            tenant->signing_key_current + " " + tenant->signing_key_next + " paused " +
            std::to_string(tenant->paused) + " suspended " + std::to_string(tenant->suspended) +
            "\n";
  }
  for (const Sequence& sequence : state_->slots.stored()) {
    text += "sequence " + std::to_string(sequence.lane);
    for (const HeldSlot& held : sequence.held) {
      text += " " + std::to_string(held.root.value) + ":" + std::to_string(held.left);
    }
    text += "\n";
  }
  text += "next tick " + std::to_string(to_unix_ms(first_tick(*state_))) + "\n";
  for (const auto& [tenant, usage] : state_->usage) {
    text += "usage " + std::to_string(tenant.value) + " " + std::to_string(usage.day) + " " +
            std::to_string(usage.messages) + "\n";
  }
  return text;
}

}  // namespace ferry::engine
