#pragma once

#include <string>

#include "engine/state.h"

// The life of delivery rows, shared by the command families: created, ready, ended.

namespace ferry::engine {

// A callback that helps to hold the slot of its source in a sequence.
struct SharedSlot {
  LaneId sequence = kTimeLane;
  DeliveryId root;
};

// Stores a new message with its one delivery, due at `due`, and its CREATED event; holds it in
// memory when it is due soon. `message.id` and created_at are filled in here. Returns the id.
DeliveryId create_delivery(Engine::State& state, Turn& turn, store::WriteSet& set, Message message,
                           Destination destination, TimePoint due, SharedSlot slot = {});

// The same for a message with several destinations, which share its content.
std::vector<DeliveryId> create_deliveries(Engine::State& state, Turn& turn, store::WriteSet& set,
                                          Message message, std::vector<Destination> destinations,
                                          TimePoint due);

// Removes the rows of a delivery that ended, with the events that say how, and gives its slot back.
// The delivery is no longer held afterwards, if it was.
void end_delivery(Engine::State& state, store::WriteSet& set, const Delivery& delivery,
                  std::vector<Event> events);

// Ends a delivery that was cancelled. `events` are those of an attempt that was cut for it.
void end_cancelled(Engine::State& state, Turn& turn, store::WriteSet& set, const Delivery& delivery,
                   std::vector<Event> events = {});

// A held delivery is due, or got its slot: puts it into the line it waits in, or parks its row in
// that line's lane. One whose cancellation was asked for, or whose tenant is gone, ends here.
// `start` numbers the start of one that did not happen: it goes back to the front.
void make_ready(Engine::State& state, Turn& turn, Held& held, std::uint64_t start = 0);

// Where memory is full, those that wait for a slot go back to their lanes: they would keep out the
// very deliveries that hold the slots, and all would wait for ever.
void make_room(Engine::State& state, Turn& turn);

// What is stored of the slots of a sequence, if it changed.
void store_slots(Engine::State& state, store::WriteSet& set, LaneId sequence);

// The event of a state at `time`, without details.
Event plain_event(EventState state, TimePoint time);

}  // namespace ferry::engine
