#pragma once

#include <memory>

#include "store/store.h"

namespace ferry::store {

// Everything in maps behind one mutex, nothing on disk: for tests, the simulation and
// `ferry dev --ephemeral`. It is also the model that the conformance suite compares others with.
std::unique_ptr<Store> make_memory_store();

}  // namespace ferry::store
