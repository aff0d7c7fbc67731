#pragma once

#include "engine/state.h"

// Flow control keys: their rows, and what the ledger is told of them (contract section 12).

namespace ferry::engine {

// A message with this flow control is stored: its values are the key's from now on.
void note_flow(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
               const FlowControl& flow);

// A delivery whose key was dropped while it waited for its time brings it back.
void revive_flow(Engine::State& state, Turn& turn, TenantId tenant, const FlowControl& flow);

// The windows that starts of this turn used, stored before those leave.
void store_windows(Engine::State& state, Turn& turn);

// Drops keys that nothing used for a day.
void drop_idle_keys(Engine::State& state, Turn& turn);

// The row is part of the engine's memory from now on; its window as far as it was reserved.
void recover_flow_key(Engine::State& state, const FlowKeyPtr& key);

// A key as it is at this moment.
ResourceView view_of(Engine::State& state, const FlowKeyPtr& key, TimePoint now);

}  // namespace ferry::engine
