// Cancel: a delivery ends at once. An attempt that runs is cut, so that it holds nothing longer;
// its receiver may go on working.

#include <utility>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/running.h"

namespace ferry::engine {
namespace {

void cancel_held(Engine::State& state, Turn& turn, store::WriteSet& set, Held& held) {
  std::vector<Event> events;
  if (held.phase == Phase::kFlying) {
    if (!held.active_logged) events.push_back(plain_event(EventState::kActive, held.started_at));
    cut_attempt(state, turn, held);
  }
  end_cancelled(state, turn, set, held.delivery, std::move(events));
}

bool needs_load(Engine::State& state, DeliveryId id) { return state.index.find(id) == nullptr; }

void load_rows(Engine::State& state, Turn& turn, Cancel command) {
  std::vector<DeliveryId> missing;
  for (const DeliveryId id : command.deliveries) {
    if (needs_load(state, id)) missing.push_back(id);
  }
  turn.load(state.loads.begin(std::move(command)), Load::Deliveries{std::move(missing)});
}

}  // namespace

void apply(Engine::State& state, Turn& turn, Cancel command) {
  for (const DeliveryId id : command.deliveries) {
    if (needs_load(state, id)) return load_rows(state, turn, std::move(command));
  }
  cancel_loaded(state, turn, std::move(command), 0, {});
}

void cancel_loaded(Engine::State& state, Turn& turn, Cancel command, std::uint64_t load,
                   std::vector<store::LoadedDelivery> rows) {
  std::map<DeliveryId, const Delivery*> read;
  for (const store::LoadedDelivery& row : rows) read.emplace(row.delivery.id, &row.delivery);
  for (const DeliveryId id : command.deliveries) {
    // Written since the read began and out of memory: only a new read tells how it stands. That
    // holds for a row that was not read, too: it was in memory when the command came.
    const bool stale = load != 0 && needs_load(state, id) && state.loads.touched(id, load);
    if (stale) return load_rows(state, turn, std::move(command));
  }
  store::WriteSet set;
  std::int64_t count = 0;
  for (const DeliveryId id : command.deliveries) {
    if (Held* held = state.index.find(id)) {
      if (held->delivery.tenant != command.tenant) continue;
      cancel_held(state, turn, set, *held);
      ++count;
      read.erase(id);
      continue;
    }
    const auto it = read.find(id);
    if (it == read.end() || it->second->tenant != command.tenant) continue;
    end_cancelled(state, turn, set, *it->second);
    read.erase(it);  // an id given twice counts once
    ++count;
  }
  if (!set.empty()) turn.sets.push_back(std::move(set));
  turn.reply(command.reply, Cancelled{count});
}

}  // namespace ferry::engine
