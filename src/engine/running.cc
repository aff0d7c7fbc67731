#include "engine/running.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/check.h"
#include "engine/deliveries.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

constexpr std::size_t kStartsOfAStep = 1'000;  // the rest start in the next one, at once
constexpr Duration kLongAttempt = std::chrono::seconds(1);  // gets its ACTIVE event early
// How long the host of an attempt that did not start is left alone: long enough for no spin, short
// enough to be no outage.
constexpr Duration kLeftAloneMin{10};
constexpr Duration kLeftAloneMax = std::chrono::minutes(1);

static_assert(std::tuple_size_v<decltype(Metrics::attempts_not_started)> == kNotStartedReasons);

StartAttempt start(Engine::State& state, TimePoint now, const FlowLedger::Next& next, Held& held) {
  held.phase = Phase::kFlying;
  held.claim = next.claim;
  held.started_at = now;
  held.start = ++state.last_start;
  if (held.delivery.lane == held.line) count_up(state.flying_in_lane, held.line);
  state.running.push_back({now, next.id, held.start});
  return {.delivery = held.delivery, .message = held.message, .start = held.start};
}

void leave_lane(Engine::State& state, const Held& held) {
  if (held.delivery.lane == held.line) count_down(state.flying_in_lane, held.line);
}

// Of those that run: null when it is another one by now, or none.
Held* find_long(Engine::State& state, const RunningAttempt& attempt) {
  Held* held = state.index.find(attempt.delivery);
  const bool runs =
      held != nullptr && held->phase == Phase::kFlying && held->start == attempt.start;
  return runs ? held : nullptr;
}

void turn_slow(Engine::State& state, const RunningAttempt& attempt) {
  if (Held* held = find_long(state, attempt)) state.ledger.turned_slow(held->claim);
}

void log_active(Engine::State& state, Turn& turn, const RunningAttempt& attempt) {
  Held* held = find_long(state, attempt);
  if (held == nullptr || held->active_logged) return;
  held->active_logged = true;
  turn.open_set().add(
      store::AppendEntry{{.delivery = held->delivery,
                          .events = {plain_event(EventState::kActive, held->started_at)}}});
}

}  // namespace

std::vector<Effect> start_attempts(Engine::State& state, Turn& turn, Budget budget) {
  std::vector<Effect> starts;
  state.ledger.open_windows(turn.now);
  state.starts_left = false;
  if (state.catalog->paused()) return starts;
  while (starts.size() < budget.attempts) {
    if (starts.size() == kStartsOfAStep) {
      state.starts_left = true;
      break;
    }
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

void free_attempt(Engine::State& state, TimePoint now, const Held& held, AttemptEnd end) {
  leave_lane(state, held);
  state.ledger.ended(held.claim, end, now);
}

// Both limits are mostly the same; else those between the two have been looked at once.
void look_at_long_attempts(Engine::State& state, Turn& turn) {
  const bool slow_first = state.options.slow_after <= kLongAttempt;
  const Duration first = std::min(state.options.slow_after, kLongAttempt);
  const Duration second = std::max(state.options.slow_after, kLongAttempt);
  std::size_t& looked_at = state.running_looked_at;
  while (looked_at < state.running.size() &&
         state.running[looked_at].started_at + first <= turn.now) {
    const RunningAttempt& attempt = state.running[looked_at++];
    slow_first ? turn_slow(state, attempt) : log_active(state, turn, attempt);
  }
  while (looked_at > 0 && state.running.front().started_at + second <= turn.now) {
    const RunningAttempt attempt = state.running.front();
    state.running.pop_front();
    --looked_at;
    slow_first ? log_active(state, turn, attempt) : turn_slow(state, attempt);
  }
}

TimePoint next_long_attempt(const Engine::State& state) {
  const Duration first = std::min(state.options.slow_after, kLongAttempt);
  const Duration second = std::max(state.options.slow_after, kLongAttempt);
  TimePoint next = TimePoint::max();
  if (state.running_looked_at < state.running.size()) {
    next = state.running[state.running_looked_at].started_at + first;
  }
  if (state.running_looked_at > 0) {
    next = std::min(next, state.running.front().started_at + second);
  }
  return next;
}

void cut_attempt(Engine::State& state, Turn& turn, const Held& held) {
  turn.effects.emplace_back(CutAttempt{
      .delivery = held.delivery.id, .attempt = held.delivery.retried, .start = held.start});
  free_attempt(state, turn.now, held, AttemptEnd::kNoAnswer);
}

void apply(Engine::State& state, Turn& turn, NotStarted command) {
  Held* held = find_running(state, command.delivery, command.attempt, command.start);
  if (held == nullptr) return;
  state.metrics.attempts_not_started.at(static_cast<std::size_t>(command.reason)).add();
  leave_lane(state, *held);
  const TimePoint not_before =
      std::clamp(command.not_before, turn.now + kLeftAloneMin, turn.now + kLeftAloneMax);
  state.ledger.not_started(held->claim, turn.now, not_before);
  make_ready(state, turn, *held, held->start);
}

void apply(Engine::State& state, Turn&, AttemptAddress command) {
  const Held* held = find_running(state, command.delivery, command.attempt, command.start);
  if (held != nullptr) state.ledger.set_address(held->claim.host, command.address);
}

}  // namespace ferry::engine
