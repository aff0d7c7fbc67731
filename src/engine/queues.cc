// Queues: created by first use or by name, changed, and what the ledger is told of them.

#include "engine/queues.h"

#include <utility>

#include "engine/admission.h"
#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/lines.h"

namespace ferry::engine {
namespace {

void put(Engine::State& state, store::WriteSet& set, Queue queue) {
  const auto shared = std::make_shared<const Queue>(std::move(queue));
  state.resources.put(shared);
  follow_queue(state, *shared);
  set.add(store::PutResource{shared});
}

Queue new_queue(TenantId tenant, std::string_view name, TimePoint now) {
  return {.tenant = tenant, .name = std::string(name), .created_at = now, .updated_at = now};
}

Result<void> check(const Engine::State& state, const Tenant& tenant, const SaveQueue& command) {
  const auto& parallelism_max = tenant.quotas.queue_parallelism;
  if (parallelism_max && command.parallelism.value_or(1) > *parallelism_max) {
    return fail(ErrorCode::kQuotaExceeded, "quota maxParallelism exceeded, current limit: " +
                                               std::to_string(*parallelism_max));
  }
  if (state.resources.find<QueuePtr>(tenant.id, command.name)) return {};
  if (command.must_exist) return fail(ErrorCode::kNotFound, "queue " + command.name + " not found");
  RETURN_IF_ERROR(check_memory(state, tenant, 1, command.name.size()));
  return check_count(state, tenant, ResourceKind::kQueue, 1);
}

// What has its slot and waits in memory for a key or a host is held back as well.
void hold_back(Engine::State& state, Turn& turn, TenantId tenant, const std::string& name) {
  for (const Held* held : state.index.ready_of(tenant)) {
    const Delivery& delivery = held->delivery;
    if (delivery.to->queue_name != name || delivery.slot != delivery.id) continue;
    Held* waiting = state.index.find(delivery.id);
    state.ledger.forget(waiting->line, delivery.id);
    make_ready(state, turn, *waiting);
  }
}

}  // namespace

void follow_queue(Engine::State& state, const Queue& queue) {
  state.ledger.set_rule(state.lanes.queue(queue.tenant, queue.name), queue_rule(state, queue));
  state.ledger.set_rule(state.lanes.paused_queue(queue.tenant, queue.name),
                        paused_queue_rule(queue));
}

void note_queue(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
                std::string_view name) {
  if (state.resources.find<QueuePtr>(tenant, name)) return;
  put(state, set, new_queue(tenant, name, turn.now));
}

void apply(Engine::State& state, Turn& turn, SaveQueue command) {
  const auto tenant = admit(state, command.tenant);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  if (auto allowed = check(state, **tenant, command); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  const auto known = state.resources.find<QueuePtr>(command.tenant, command.name);
  Queue queue = known ? *known : new_queue(command.tenant, command.name, turn.now);
  queue.parallelism = command.parallelism.value_or(queue.parallelism);
  queue.paused = command.paused.value_or(queue.paused);
  queue.updated_at = turn.now;
  const bool pauses = queue.paused;
  put(state, turn.open_set(), std::move(queue));
  if (pauses) hold_back(state, turn, command.tenant, command.name);
  turn.reply(command.reply, Done{});
}

}  // namespace ferry::engine
