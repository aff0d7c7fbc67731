#pragma once

#include <string>
#include <vector>

#include "engine/state.h"

// One message as a publish or a tick makes it: its destination resolved, its rows stored.

namespace ferry::engine {

// Who made it, and on whose behalf.
struct Origin {
  const Tenant& tenant;
  std::string caller_ip;
  std::string trace_context;
  std::string schedule_id;  // of a tick
};

// Puts the defaults of the item's URL group under its options, and finds the key that those may ask
// it to be deduplicated by. kInvalidDestination for an unknown group.
Result<void> resolve(const Engine::State& state, const Tenant& tenant, PublishItem& item);

// The item's URL group, if it has one, is still there.
Result<void> check_group(const Engine::State& state, const Tenant& tenant, const PublishItem& item);

// Where the item goes: one URL, or those of its group's endpoints.
std::vector<std::string> urls_of(const Engine::State& state, TenantId tenant,
                                 const PublishItem& item);

// Stores the resolved item's message with a delivery for each endpoint. Takes the body.
std::vector<PublishedDelivery> store_item(Engine::State& state, Turn& turn, store::WriteSet& set,
                                          const Origin& origin, PublishItem& item);

// Keeps the key of a message that was made, and what to answer to its duplicates, until the window
// ends.
DedupRecord remember(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
                     const DedupKey& key, const std::vector<PublishedDelivery>& made);

// Counts messages against the tenant's daily quota, in the write-set that makes them.
Result<void> use_quota(Engine::State& state, Turn& turn, store::WriteSet& set, const Tenant& tenant,
                       std::int64_t messages);

}  // namespace ferry::engine
