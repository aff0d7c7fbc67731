#pragma once

#include "engine/state.h"

// Who may bring new messages, and which: asked by publish and by the retry of dead letters.

namespace ferry::engine {

// The tenant, when it may bring messages now: kUnauthenticated for one that is gone,
// kTenantSuspended, kDiskFull.
Result<TenantPtr> admit(const Engine::State& state, TenantId tenant);

// kQuotaExceeded when the options, or those of a hook in them, ask for more retries, delay or time
// of an attempt than the tenant's quotas allow.
Result<void> check_quotas(const Engine::State& state, const Tenant& tenant,
                          const PublishOptions& options, TimePoint now);

// The retries that a message of the tenant may have.
std::int32_t retries_max(const Engine::State& state, const Tenant& tenant);

// kQuotaExceeded when the tenant may not have `more` things of that kind.
Result<void> check_count(const Engine::State& state, const Tenant& tenant, ResourceKind kind,
                         std::int64_t more);

// kQuotaExceeded when `row`, in the place of `known` (which may be null), makes the resources of
// the tenant larger than they may be.
Result<void> check_memory(const Engine::State& state, const Tenant& tenant, const Resource& row,
                          const Resource* known);
// The same for new queues and flow keys, whose names have so many bytes.
Result<void> check_memory(const Engine::State& state, const Tenant& tenant, std::size_t names,
                          std::size_t name_bytes);

// kQuotaExceeded for a time that no attempt of the tenant may take.
Result<void> check_timeout(const Tenant& tenant, Duration timeout);

}  // namespace ferry::engine
