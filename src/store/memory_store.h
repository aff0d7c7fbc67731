#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "store/store.h"

namespace ferry::store {

// Everything in maps behind one mutex, nothing on disk: for tests, the simulation and
// `ferry dev --ephemeral`. It is also the model that the conformance suite compares others with.
// History is kept for the life of the store.
std::unique_ptr<Store> make_memory_store();

// The same with its two secrets drawn from `random`, so that one seed gives one store.
std::unique_ptr<Store> make_memory_store(Random& random);

// A second store with the same state, history and secrets: what a crash leaves behind is the clone
// taken after the last commit that became durable. `store` is one that make_memory_store made.
std::unique_ptr<Store> clone_memory_store(const Store& store);

// What is pending, one row a line in a fixed order: tenants, settings, messages, deliveries, dead
// letters, deduplication records. Two stores give the same text exactly when these rows are equal,
// whatever way led there; history and position are not in it. `store` as above.
std::string dump_memory_store(const Store& store);

}  // namespace ferry::store
