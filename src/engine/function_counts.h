#pragma once

#include <string>

#include "domain/function.h"
#include "engine/state.h"

// The metrics of functions and destinations (Function Compute contract section 8), told apart by
// tenant, service, function and qualifier.

namespace ferry::engine {

SeriesLabels function_labels(const std::string& service, const std::string& function,
                             const std::string& qualifier);

// One attempt of an invocation or a push ended, and with it perhaps the delivery; of other
// deliveries nothing is counted.
void count_function(Engine::State& state, TimePoint now, const Held& held, const Outcome& outcome,
                    const Verdict& verdict);

}  // namespace ferry::engine
