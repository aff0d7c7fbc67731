#include "engine/running.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/check.h"
#include "engine/deliveries.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

// How long the host of an attempt that did not start is left alone: long enough for no spin, short
// enough to be no outage.
constexpr Duration kLeftAloneMin{10};
constexpr Duration kLeftAloneMax = std::chrono::minutes(1);

static_assert(std::tuple_size_v<decltype(Metrics::attempts_not_started)> == kNotStartedReasons);

StartAttempt start(Engine::State& state, TimePoint now, const FlowLedger::Next& next, Held& held) {
  held.phase = Phase::kFlying;
  held.host = next.host;
  held.window = next.window;
  held.started_at = now;
  held.start = ++state.last_start;
  ++state.in_flight;
  count_up(state.running_of, held.delivery.tenant);
  if (held.delivery.lane == held.line) count_up(state.flying_in_lane, held.line);
  state.running.push_back({now, next.id, held.start});
  return {.delivery = held.delivery, .message = held.message, .start = held.start};
}

void count_ended(Engine::State& state, const Held& held) {
  CHECK(state.in_flight > 0);
  --state.in_flight;
  count_down(state.running_of, held.delivery.tenant);
  if (held.delivery.lane == held.line) count_down(state.flying_in_lane, held.line);
}

}  // namespace

std::vector<Effect> start_attempts(Engine::State& state, Turn& turn, Budget budget) {
  std::vector<Effect> starts;
  state.ledger.open_windows(turn.now);
  if (state.catalog->paused()) return starts;
  while (starts.size() < budget.attempts) {
    const auto next = state.ledger.next(turn.now);
    if (!next) break;
    Held* held = state.index.find(next->id);
    CHECK(held != nullptr && held->phase == Phase::kReady);
    if (next->starts) {
      starts.emplace_back(start(state, turn.now, *next, *held));
    } else {
      held->delivery.slot = next->id;
      state.slots.grant(held->delivery.tenant, next->line, next->id);
      make_ready(state, turn, *held);
    }
  }
  return starts;
}

Held* find_running(Engine::State& state, DeliveryId delivery, std::int32_t attempt,
                   std::uint64_t start) {
  Held* held = state.index.find(delivery);
  if (held == nullptr || held->phase != Phase::kFlying) return nullptr;
  const bool same = held->delivery.retried == attempt && (start == 0 || held->start == start);
  return same ? held : nullptr;
}

void free_attempt(Engine::State& state, const Held& held) {
  count_ended(state, held);
  state.ledger.ended(held.line, held.host);
}

void apply(Engine::State& state, Turn& turn, NotStarted command) {
  Held* held = find_running(state, command.delivery, command.attempt, command.start);
  if (held == nullptr) return;
  state.metrics.attempts_not_started.at(static_cast<std::size_t>(command.reason)).add();
  count_ended(state, *held);
  const TimePoint not_before =
      std::clamp(command.not_before, turn.now + kLeftAloneMin, turn.now + kLeftAloneMax);
  state.ledger.not_started(held->line, held->host, held->window, not_before);
  make_ready(state, turn, *held, held->start);
}

void apply(Engine::State& state, Turn&, AttemptAddress command) {
  const Held* held = find_running(state, command.delivery, command.attempt, command.start);
  if (held != nullptr) state.ledger.set_address(held->host, command.address);
}

}  // namespace ferry::engine
