#include "engine/flow_keys.h"

#include <utility>

#include "engine/admission.h"
#include "engine/families.h"
#include "engine/lines.h"

namespace ferry::engine {
namespace {

constexpr Duration kIdleKept = std::chrono::hours(24);
// How old the time of last use may become in the row before it is written again.
constexpr Duration kUseNoted = std::chrono::hours(1);

FlowKey known_or_new(const Engine::State& state, TenantId tenant, std::string_view name,
                     TimePoint now) {
  if (const auto known = state.resources.find<FlowKeyPtr>(tenant, name)) return *known;
  FlowKey made;
  made.tenant = tenant;
  made.key = name;
  made.used_at = now;
  return made;
}

void put(Engine::State& state, store::WriteSet& set, FlowKey key) {
  const LaneId lane = state.lanes.flow_key(key.tenant, key.key);
  const auto shared = std::make_shared<const FlowKey>(std::move(key));
  state.ledger.set_permit(lane, *shared);
  state.ledger.set_rule(lane, flow_rule(state, *shared));
  state.flow_lanes[lane] = {shared->tenant, shared->key};
  state.resources.put(shared);
  set.add(store::PutResource{shared});
}

void pin(FlowKey& key, const ChangeFlowKey& command) {
  if (command.parallelism) {
    key.parallelism = *command.parallelism;
    key.pinned_parallelism = true;
  }
  if (command.rate) {
    key.rate = *command.rate;
    key.period = command.period;
    key.pinned_rate = true;
  }
}

void change(FlowKey& key, const ChangeFlowKey& command) {
  switch (command.change) {
    case ChangeFlowKey::Change::kPause:
      key.paused = true;
      break;
    case ChangeFlowKey::Change::kResume:
      key.paused = false;
      break;
    case ChangeFlowKey::Change::kPin:
      pin(key, command);
      break;
    case ChangeFlowKey::Change::kUnpin:
      if (command.parallelism) key.pinned_parallelism = false;
      if (command.rate) key.pinned_rate = false;
      break;
    case ChangeFlowKey::Change::kReset:
      break;
  }
}

}  // namespace

void note_flow(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
               const FlowControl& flow) {
  const bool known = state.resources.find<FlowKeyPtr>(tenant, flow.key) != nullptr;
  FlowKey key = known_or_new(state, tenant, flow.key, turn.now);
  const bool changed = take_newest(key, flow);
  if (known && !changed && turn.now < key.used_at + kUseNoted) return;
  key.used_at = turn.now;
  put(state, set, std::move(key));
}

void revive_flow(Engine::State& state, Turn& turn, TenantId tenant, const FlowControl& flow) {
  if (state.resources.find<FlowKeyPtr>(tenant, flow.key)) return;
  note_flow(state, turn, turn.open_set(), tenant, flow);
}

void store_windows(Engine::State& state, Turn& turn) {
  for (const LaneId lane : state.ledger.take_reserved()) {
    const auto name = state.flow_lanes.find(lane);
    const Permit* permit = state.ledger.permit(lane);
    if (name == state.flow_lanes.end() || permit == nullptr) continue;
    FlowKey key = known_or_new(state, name->second.first, name->second.second, turn.now);
    if (key.window_start == permit->window_start() && key.reserved == permit->reserved()) continue;
    key.window_start = permit->window_start();
    key.reserved = permit->reserved();
    key.used_at = turn.now;
    const auto shared = std::make_shared<const FlowKey>(std::move(key));
    state.resources.put(shared);
    turn.open_set().add(store::PutResource{shared});
  }
}

void drop_idle_keys(Engine::State& state, Turn& turn) {
  for (const Resource& resource : state.resources.all(ResourceKind::kFlowKey)) {
    const FlowKey& key = *std::get<FlowKeyPtr>(resource);
    const bool kept = key.paused || key.pinned_parallelism || key.pinned_rate;
    const bool counting = key.rate > 0 && turn.now < key.window_start + key.period;
    if (kept || counting || turn.now < key.used_at + kIdleKept) continue;
    const LaneId lane = state.lanes.flow_key(key.tenant, key.key);
    if (!state.ledger.unused(lane)) continue;
    turn.open_set().add(store::DropResource{ResourceKind::kFlowKey, key.tenant, key.key});
    state.ledger.drop_permit(lane);
    state.flow_lanes.erase(lane);
    state.resources.drop(ResourceKind::kFlowKey, key.tenant, std::string(key.key));
  }
}

void recover_flow_key(Engine::State& state, const FlowKeyPtr& key) {
  const LaneId lane = state.lanes.flow_key(key->tenant, key->key);
  state.flow_lanes[lane] = {key->tenant, key->key};
  state.ledger.recover_permit(lane, *key);
  state.ledger.set_rule(lane, flow_rule(state, *key));
}

ResourceView view_of(Engine::State& state, const FlowKeyPtr& key, TimePoint now) {
  ResourceView view{.resource = key, .lane = state.lanes.flow_key(key->tenant, key->key)};
  if (const Permit* permit = state.ledger.permit(view.lane)) {
    view.running = permit->in_use();
    view.started = key->rate > 0 ? permit->started(now) : 0;
  }
  const auto flying = state.flying_in_lane.find(view.lane);
  if (flying != state.flying_in_lane.end()) view.running_in_lane = flying->second;
  for (const DeliveryId id : state.ledger.waiting_in(view.lane)) {
    if (state.index.find(id)->delivery.lane != view.lane) ++view.waiting_elsewhere;
  }
  return view;
}

void apply(Engine::State& state, Turn& turn, ChangeFlowKey command) {
  const auto tenant = admit(state, command.tenant);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  FlowKey key = known_or_new(state, command.tenant, command.key, turn.now);
  change(key, command);
  key.used_at = turn.now;
  put(state, turn.open_set(), std::move(key));
  const bool restarts = command.change == ChangeFlowKey::Change::kReset ||
                        command.change == ChangeFlowKey::Change::kPin;
  if (restarts) {
    state.ledger.reset_window(state.lanes.flow_key(command.tenant, command.key), turn.now);
  }
  turn.reply(command.reply, Done{});
}

}  // namespace ferry::engine
