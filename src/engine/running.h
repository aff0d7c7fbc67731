#pragma once

#include <vector>

#include "engine/state.h"

// The attempts that run, and all that each of them holds: a slot of the server, of its host, of its
// flow key.

namespace ferry::engine {

// Starts what may start now. The effects leave after the commit.
std::vector<Effect> start_attempts(Engine::State& state, Turn& turn, Budget budget);

// The attempt that a report is about, while it runs; null: it ended, was cut, or is of another life
// of the engine. `start` 0 stands for whichever runs.
Held* find_running(Engine::State& state, DeliveryId delivery, std::int32_t attempt,
                   std::uint64_t start);

// An attempt ended: what it held is free for others.
void free_attempt(Engine::State& state, TimePoint now, const Held& held, AttemptEnd end);

// Ends a running attempt without an outcome. The caller ends the delivery or makes it ready again.
void cut_attempt(Engine::State& state, Turn& turn, const Held& held);

// Attempts that run long begin to count against the shares, and get their ACTIVE event.
void look_at_long_attempts(Engine::State& state, Turn& turn);
TimePoint next_long_attempt(const Engine::State& state);

}  // namespace ferry::engine
