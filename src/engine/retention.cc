// What every step does besides its commands: early ACTIVE events, gauges, pruning.

#include <algorithm>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/flow_keys.h"
#include "engine/running.h"

namespace ferry::engine {
namespace {

constexpr Duration kPruneInterval = std::chrono::minutes(10);
constexpr Duration kGaugeInterval = std::chrono::seconds(1);

void prune(Engine::State& state, Turn& turn) {
  if (turn.now < state.prune_at) return;
  state.prune_at = turn.now + kPruneInterval;
  store::WriteSet& set = turn.open_set();
  set.add(store::PruneDedup{turn.now});
  state.letters_pruned = turn.now - state.options.dead_letter_retention;
  set.add(store::PruneDeadLetters{state.letters_pruned});
  state.totals.want();  // nobody tells how many letters that were
  drop_idle_keys(state, turn);
}

void set_gauges(Engine::State& state, TimePoint now) {
  state.metrics.pending.set(state.totals.deliveries());
  state.metrics.dead_letters.set(state.totals.dead_letters());
  state.metrics.in_flight.set(state.ledger.shares().running());
  state.metrics.window_deliveries.set(static_cast<std::int64_t>(state.index.size()));
  state.metrics.window_bytes.set(static_cast<std::int64_t>(state.index.bytes()));
  if (now < state.gauges_at) return;
  state.gauges_at = now + kGaugeInterval;
  TimePoint oldest = now;
  for (const DeliveryId id : state.ledger.heads()) {
    oldest = std::min(oldest, state.index.find(id)->delivery.due_at);
  }
  const FlowLedger::Depth depth = state.ledger.depth();
  state.metrics.ready.set(depth.ready);
  state.metrics.parked_lanes.set(depth.lanes);
  state.metrics.oldest_due_age_ms.set((now - oldest).count());
}

}  // namespace

void keep_up(Engine::State& state, Turn& turn) {
  look_at_long_attempts(state, turn);
  state.ledger.forget_unused_hosts(turn.now);
  prune(state, turn);
  state.dedup.expire(turn.now);
  set_gauges(state, turn.now);
}

TimePoint next_upkeep(const Engine::State& state) {
  return std::min(state.prune_at, next_long_attempt(state));
}

}  // namespace ferry::engine
