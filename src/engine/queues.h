#pragma once

#include <string_view>

#include "engine/state.h"

namespace ferry::engine {

// A message goes to the queue, which is created if there is none; one that exists stays as it is.
void note_queue(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
                std::string_view name);

// The ledger takes what the queue allows.
void follow_queue(Engine::State& state, const Queue& queue);

}  // namespace ferry::engine
