#include "engine/deliveries.h"

#include <utility>

#include "engine/flow_keys.h"
#include "engine/lines.h"
#include "engine/queues.h"

namespace ferry::engine {
namespace {

bool is_strict(const LineRule& rule) {
  return rule.kind == LineKind::kSequence || rule.kind == LineKind::kFlow;
}

// Moves the row of a due delivery into a lane of the store, out of memory.
void park(Engine::State& state, Turn& turn, Held& held, LaneId line) {
  Delivery row = held.delivery;
  state.ledger.parked(line, {row.due_at, row.id});
  state.loads.touch(row.id);
  state.index.release(row.id);
  if (row.lane == line) return;
  row.lane = line;
  store::WriteSet& set = turn.open_set();
  // A root that is no longer in the lane of its sequence could not be told to be the first there.
  if (row.slot && row.slot == row.id) {
    state.slots.keep(row.sequence, row.slot);
    store_slots(state, set, row.sequence);
  }
  set.add(store::PutDelivery{std::move(row)});
}

// A delayed member has its place in the lane from the moment it joins: those that come after it are
// behind it also after a crash.
void take_place(Engine::State& state, Turn& turn, Delivery& delivery, LaneId line) {
  if (delivery.lane == line) return;
  delivery.lane = line;
  state.loads.touch(delivery.id);
  turn.open_set().add(store::PutDelivery{delivery});
}

// One that is due at once and has to wait in order stands in that lane from the start, so that the
// lane alone tells the order.
// False for all others.
bool enter_lane(Engine::State& state, const Turn& turn, Delivery& delivery,
                const MessagePtr& message) {
  if (delivery.due_at > turn.now) return false;
  if (delivery.sequence == kTimeLane && !message->flow_control) return false;  // most
  const LineOf line = line_of(state, delivery, *message, host_of(delivery));
  if (!is_strict(line.rule)) return false;
  delivery.lane = line.id;
  const bool stays =
      state.index.has_room() && state.ledger.takes(line.id, line.rule, state.index.room());
  if (stays) {
    state.index.hold(delivery, message);
  } else {
    state.ledger.parked(line.id, {delivery.due_at, delivery.id});
    state.ledger.set_rule(line.id, line.rule);
  }
  return true;
}

void store_delivery(Engine::State& state, Turn& turn, store::WriteSet& set, Delivery delivery,
                    const MessagePtr& message) {
  const bool in_order = enter_lane(state, turn, delivery, message);
  Event created = plain_event(EventState::kCreated, turn.now);
  created.next_delivery_at = delivery.due_at;
  set.add(store::PutDelivery{delivery});
  set.add(store::AppendEntry{{.delivery = delivery, .events = {std::move(created)}}});
  state.loads.touch(delivery.id);
  state.totals.change_deliveries(1);
  if (!in_order) state.index.offer(std::move(delivery), message, turn.now);
}

// What a message brings with it besides its rows: its flow key's newest values, its queue.
void note_resources(Engine::State& state, Turn& turn, store::WriteSet& set, const Message& message,
                    const std::string& queue) {
  if (message.flow_control) note_flow(state, turn, set, message.tenant, *message.flow_control);
  if (!queue.empty()) note_queue(state, turn, set, message.tenant, queue);
}

void give_slot_back(Engine::State& state, store::WriteSet& set, const Delivery& row) {
  if (!row.slot || !state.slots.holds(row.sequence, row.slot)) return;
  if (state.slots.leave(row.sequence, row.slot)) state.ledger.release_slot(row.sequence);
  store_slots(state, set, row.sequence);
}

}  // namespace

Event plain_event(EventState state, TimePoint time) {
  return Event{.time = time, .state = state, .error = {}, .next_delivery_at = {}, .response = {}};
}

DeliveryId create_delivery(Engine::State& state, Turn& turn, store::WriteSet& set, Message message,
                           Destination destination, TimePoint due, SharedSlot slot) {
  const std::int64_t id = state.ids.next(turn.now);
  message.id = MessageId{id};
  message.created_at = turn.now;
  note_large_body(message);
  note_resources(state, turn, set, message, destination.queue_name);
  const auto shared = std::make_shared<const Message>(std::move(message));
  const LaneId own = state.lanes.sequence_of(shared->tenant, destination);
  set.add(store::PutMessage{shared});
  store_delivery(state, turn, set,
                 {.id = DeliveryId{id},
                  .message_id = shared->id,
                  .tenant = shared->tenant,
                  .to = std::make_shared<const Destination>(std::move(destination)),
                  .not_before = due,
                  .due_at = due,
                  .sequence = slot.root ? slot.sequence : own,
                  .slot = slot.root},
                 without_large_body(shared));
  return DeliveryId{id};
}

std::vector<DeliveryId> create_deliveries(Engine::State& state, Turn& turn, store::WriteSet& set,
                                          Message message, std::vector<Destination> destinations,
                                          TimePoint due) {
  if (destinations.size() == 1) {
    return {create_delivery(state, turn, set, std::move(message), std::move(destinations[0]), due)};
  }
  std::vector<DeliveryId> ids;
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    ids.push_back(DeliveryId{state.ids.next(turn.now)});
  }
  message.id = MessageId{ids.front().value};
  message.created_at = turn.now;
  note_large_body(message);
  note_resources(state, turn, set, message, destinations.front().queue_name);
  const auto shared = std::make_shared<const Message>(std::move(message));
  set.add(store::PutMessage{shared});
  const MessagePtr held = without_large_body(shared);
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    const LaneId sequence = state.lanes.sequence_of(shared->tenant, destinations[i]);
    store_delivery(state, turn, set,
                   {.id = ids[i],
                    .message_id = shared->id,
                    .tenant = shared->tenant,
                    .to = std::make_shared<const Destination>(std::move(destinations[i])),
                    .not_before = due,
                    .due_at = due,
                    .sequence = sequence,
                    .shares_message = true},
                   held);
  }
  return ids;
}

void end_delivery(Engine::State& state, store::WriteSet& set, const Delivery& delivery,
                  std::vector<Event> events) {
  const Delivery row = delivery;  // `delivery` may live in the index, which forgets it here
  set.add(store::DropDelivery{row.id});
  if (row.shares_message) {
    set.add(store::ReleaseMessage{row.message_id});
  } else {
    set.add(store::DropMessage{row.message_id});
  }
  set.add(store::AppendEntry{{.delivery = row, .events = std::move(events)}});
  state.loads.touch(row.id);
  state.totals.change_deliveries(-1);
  if (Held* held = state.index.find(row.id)) {
    if (held->phase == Phase::kReady) state.ledger.forget(held->line, row.id);
    state.index.release(row.id);
  }
  give_slot_back(state, set, row);
}

void end_cancelled(Engine::State& state, Turn& turn, store::WriteSet& set, const Delivery& delivery,
                   std::vector<Event> events) {
  if (!delivery.cancel_requested)
    events.push_back(plain_event(EventState::kCancelRequested, turn.now));
  events.push_back(plain_event(EventState::kCanceled, turn.now));
  end_delivery(state, set, delivery, std::move(events));
  state.metrics.cancelled_total.add();
}

void make_ready(Engine::State& state, Turn& turn, Held& held, std::uint64_t start) {
  Delivery& delivery = held.delivery;
  held.line = kTimeLane;
  held.phase = Phase::kFlying;  // stands in no line that end_delivery would have to tell
  if (delivery.cancel_requested || !state.catalog->find(delivery.tenant)) {
    return end_cancelled(state, turn, turn.open_set(), delivery);
  }
  // A slot that a process before this one gave, and that was not stored.
  if (delivery.slot && !state.slots.holds(delivery.sequence, delivery.slot)) delivery.slot = {};
  if (held.message->flow_control) {
    revive_flow(state, turn, delivery.tenant, *held.message->flow_control);
  }
  const LaneId host = host_of(delivery);
  const LineOf line = line_of(state, delivery, *held.message, host);
  held.phase = Phase::kReady;
  held.line = line.id;
  held.since = turn.now;
  const FlowLedger::Ready ready{.id = delivery.id,
                                .host = host,
                                .retry = delivery.retried > 0,
                                .from_lane = delivery.lane == line.id,
                                .start = start};
  if (!state.ledger.add(line.id, line.rule, ready, state.index.room())) {
    park(state, turn, held, line.id);
  } else if (line.rule.kind == LineKind::kSequence) {
    take_place(state, turn, delivery, line.id);
  }
}

void make_room(Engine::State& state, Turn& turn) {
  constexpr std::size_t kRowsOfAStep = 500;
  if (state.index.has_room()) return;
  for (const DeliveryId id : state.ledger.take_held_back(kRowsOfAStep)) {
    Held* held = state.index.find(id);
    const LaneId line = held->line;
    state.ledger.forget(line, id);
    park(state, turn, *held, line);
  }
}

void store_slots(Engine::State& state, store::WriteSet& set, LaneId sequence) {
  if (auto row = state.slots.take_changed(sequence)) {
    set.add(store::PutSequence{std::move(*row)});
  }
}

}  // namespace ferry::engine
