#include "engine/lines.h"

#include <map>
#include <optional>

namespace ferry::engine {
namespace {

bool is_paused(const Engine::State& state, TenantId tenant) {
  const TenantPtr known = state.catalog->find(tenant);
  return known && is_held_back(*known);
}

LineRule sequence_rule(const Engine::State& state, const Delivery& delivery) {
  const auto queue = state.resources.find<QueuePtr>(delivery.tenant, delivery.to->queue_name);
  if (queue) return queue_rule(state, *queue);
  return {.kind = LineKind::kSequence,
          .tenant = delivery.tenant,
          .blocked = is_paused(state, delivery.tenant),
          .slots = 1};
}

// A pause also holds what has its slot already: retries (contract section 3.3).
std::optional<LineOf> paused_queue_line(const Engine::State& state, const Delivery& delivery) {
  const std::string& name = delivery.to->queue_name;
  const auto queue = name.empty() ? nullptr : state.resources.find<QueuePtr>(delivery.tenant, name);
  if (!queue || !queue->paused) return std::nullopt;
  return LineOf{state.lanes.paused_queue(delivery.tenant, name), paused_queue_rule(*queue)};
}

}  // namespace

bool is_held_back(const Tenant& tenant) { return tenant.paused || tenant.suspended; }

LaneId host_of(const Delivery& delivery) {
  return FlowLedger::host_id(host_key(delivery.to->target));
}

LineOf line_of(const Engine::State& state, const Delivery& delivery, const Message& message,
               LaneId host) {
  if (delivery.sequence != kTimeLane && !delivery.slot) {
    return {delivery.sequence, sequence_rule(state, delivery)};
  }
  if (auto held_back = paused_queue_line(state, delivery)) return *held_back;
  if (message.flow_control) {
    const std::string& name = message.flow_control->key;
    const auto key = state.resources.find<FlowKeyPtr>(delivery.tenant, name);
    if (key) return {state.lanes.flow_key(delivery.tenant, name), flow_rule(state, *key)};
  }
  if (is_paused(state, delivery.tenant)) {
    return {FlowLedger::paused_line(delivery.tenant),
            {.kind = LineKind::kPaused, .tenant = delivery.tenant, .blocked = true}};
  }
  return {state.lanes.host(delivery.tenant, host),
          {.kind = LineKind::kHost, .tenant = delivery.tenant}};
}

LineRule queue_rule(const Engine::State& state, const Queue& queue) {
  return {.kind = LineKind::kSequence,
          .tenant = queue.tenant,
          .blocked = queue.paused || is_paused(state, queue.tenant),
          .slots = queue.parallelism};
}

LineRule paused_queue_rule(const Queue& queue) {
  return {.kind = LineKind::kPaused, .tenant = queue.tenant, .blocked = queue.paused};
}

LineRule flow_rule(const Engine::State& state, const FlowKey& key) {
  return {.kind = LineKind::kFlow,
          .tenant = key.tenant,
          .blocked = key.paused || is_paused(state, key.tenant)};
}

void follow_tenant(Engine::State& state, TenantId tenant) {
  std::map<LaneId, bool> own_pause;
  for (const Resource& resource : state.resources.of(tenant)) {
    if (const auto* queue = std::get_if<QueuePtr>(&resource)) {
      own_pause[state.lanes.queue(tenant, (*queue)->name)] = (*queue)->paused;
    } else if (const auto* key = std::get_if<FlowKeyPtr>(&resource)) {
      own_pause[state.lanes.flow_key(tenant, (*key)->key)] = (*key)->paused;
    }
  }
  const bool paused = is_paused(state, tenant);
  state.ledger.set_blocked_of(tenant, [&](LaneId line) {
    const auto own = own_pause.find(line);
    return paused || (own != own_pause.end() && own->second);
  });
}

}  // namespace ferry::engine
