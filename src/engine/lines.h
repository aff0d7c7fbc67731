#pragma once

#include "engine/state.h"

// Which line of the flow ledger a delivery that is due stands in, and how that line is run.

namespace ferry::engine {

struct LineOf {
  LaneId id = kTimeLane;
  LineRule rule;
};

// The host that a delivery goes to.
LaneId host_of(const Delivery& delivery);

// First the slot of its sequence, then its flow key, then its host; the line of its tenant's pause
// in place of the host's, and that of its queue's pause in place of both. The tenant must exist.
// `host` is host_of(delivery), which parses a URL.
LineOf line_of(const Engine::State& state, const Delivery& delivery, const Message& message,
               LaneId host);

LineRule queue_rule(const Engine::State& state, const Queue& queue);
// Of the line of its members that wait for a retry, or for their first start after the slot.
LineRule paused_queue_rule(const Queue& queue);
LineRule flow_rule(const Engine::State& state, const FlowKey& key);

// Is everything of the tenant held back?
bool is_held_back(const Tenant& tenant);

// The lines of a tenant take its pause, or its end.
void follow_tenant(Engine::State& state, TenantId tenant);

}  // namespace ferry::engine
