#include "engine/deliveries.h"

#include <utility>

namespace ferry::engine {
namespace {

LaneId queue_of(const Engine::State& state, const Delivery& delivery) {
  const TenantPtr tenant = state.catalog->find(delivery.tenant);
  if (tenant->paused) return FlowLedger::paused_queue(delivery.tenant);
  return FlowLedger::host_queue(host_key(delivery.to->target.url));
}

// Moves the row of a due delivery into a lane of the store, out of memory.
void park(Engine::State& state, Turn& turn, Held& held, LaneId queue) {
  Delivery row = held.delivery;
  state.ledger.parked(queue, {row.due_at, row.id});
  state.loads.touch(row.id);
  state.index.release(row.id);
  if (row.lane == queue) return;
  row.lane = queue;
  turn.open_set().add(store::PutDelivery{std::move(row)});
}

}  // namespace

Event plain_event(EventState state, TimePoint time) {
  return Event{.time = time, .state = state, .error = {}, .next_delivery_at = {}, .response = {}};
}

DeliveryId create_delivery(Engine::State& state, Turn& turn, store::WriteSet& set, Message message,
                           Destination destination, TimePoint due) {
  const std::int64_t id = state.ids.next(turn.now);
  message.id = MessageId{id};
  message.created_at = turn.now;
  const auto shared = std::make_shared<const Message>(std::move(message));
  Delivery delivery{.id = DeliveryId{id},
                    .message_id = shared->id,
                    .tenant = shared->tenant,
                    .to = std::make_shared<const Destination>(std::move(destination)),
                    .not_before = due,
                    .due_at = due};
  Event created = plain_event(EventState::kCreated, turn.now);
  created.next_delivery_at = due;
  set.add(store::PutMessage{shared});
  set.add(store::PutDelivery{delivery});
  set.add(store::AppendEntry{{.delivery = delivery, .events = {std::move(created)}}});
  state.loads.touch(delivery.id);
  state.totals.change_deliveries(1);
  state.index.offer(std::move(delivery), shared, turn.now);
  return DeliveryId{id};
}

void end_delivery(Engine::State& state, store::WriteSet& set, const Delivery& delivery,
                  std::vector<Event> events) {
  const Delivery row = delivery;  // `delivery` may live in the index, which forgets it here
  set.add(store::DropDelivery{row.id});
  set.add(store::DropMessage{row.message_id});
  set.add(store::AppendEntry{{.delivery = row, .events = std::move(events)}});
  state.loads.touch(row.id);
  state.totals.change_deliveries(-1);
  if (Held* held = state.index.find(row.id)) {
    if (held->phase == Phase::kReady) state.ledger.forget(held->queue, row.id);
    state.index.release(row.id);
  }
}

void end_cancelled(Engine::State& state, Turn& turn, store::WriteSet& set,
                   const Delivery& delivery) {
  std::vector<Event> events;
  if (!delivery.cancel_requested)
    events.push_back(plain_event(EventState::kCancelRequested, turn.now));
  events.push_back(plain_event(EventState::kCanceled, turn.now));
  end_delivery(state, set, delivery, std::move(events));
  state.metrics.cancelled_total.add();
}

void make_ready(Engine::State& state, Turn& turn, Held& held) {
  held.phase = Phase::kReady;
  held.queue = kTimeLane;
  if (held.delivery.cancel_requested || !state.catalog->find(held.delivery.tenant)) {
    held.phase = Phase::kFlying;  // stands in no queue that end_delivery would have to tell
    return end_cancelled(state, turn, turn.open_set(), held.delivery);
  }
  held.queue = queue_of(state, held.delivery);
  const FlowLedger::Ready ready{.id = held.delivery.id,
                                .retry = held.delivery.retried > 0,
                                .from_lane = held.delivery.lane == held.queue};
  if (!state.ledger.add(held.queue, ready, state.index.room())) {
    park(state, turn, held, held.queue);
  }
}

}  // namespace ferry::engine
