// What all kinds of resources share: looked at, and dropped.

#include <utility>

#include "engine/families.h"
#include "engine/flow_keys.h"
#include "engine/lines.h"

namespace ferry::engine {
namespace {

std::string_view kind_name(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kQueue:
      return "queue";
    case ResourceKind::kUrlGroup:
      return "url group";
    case ResourceKind::kSchedule:
      return "schedule";
    case ResourceKind::kFlowKey:
      return "flow control key";
    case ResourceKind::kFunction:
      return "function";
    case ResourceKind::kService:
      return "service";
    case ResourceKind::kScheduleBody:
      return "body of schedule";
  }
  return {};
}

Error unknown(ResourceKind kind, const std::string& name) {
  return {ErrorCode::kNotFound, std::string(kind_name(kind)) + " " + name + " not found"};
}

ResourceView look_at(Engine::State& state, const Resource& resource, TimePoint now) {
  if (const auto* key = std::get_if<FlowKeyPtr>(&resource)) return view_of(state, *key, now);
  ResourceView view{.resource = resource};
  if (const auto* queue = std::get_if<QueuePtr>(&resource)) {
    view.lane = state.lanes.queue((*queue)->tenant, (*queue)->name);
  }
  return view;
}

}  // namespace

void apply(Engine::State& state, Turn& turn, ReadResources command) {
  ResourceList list;
  for (const Resource& resource : state.resources.of(command.tenant, command.kind)) {
    if (command.name && name_of(resource) != *command.name) continue;
    list.resources.push_back(look_at(state, resource, turn.now));
  }
  if (command.name && list.resources.empty()) {
    return turn.reply(command.reply, unknown(command.kind, *command.name));
  }
  turn.reply(command.reply, std::move(list));
}

void apply(Engine::State& state, Turn& turn, ReadParallelism command) {
  turn.reply(command.reply, Parallelism{.most = state.options.in_flight_max,
                                        .count = state.ledger.shares().running_of(command.tenant)});
}

void apply(Engine::State& state, Turn& turn, DropNamed command) {
  if (!drop_resource(state, turn.open_set(), command.kind, command.tenant, command.name) &&
      command.must_exist) {
    return turn.reply(command.reply, unknown(command.kind, command.name));
  }
  turn.reply(command.reply, Done{});
}

bool drop_resource(Engine::State& state, store::WriteSet& set, ResourceKind kind, TenantId tenant,
                   const std::string& name) {
  if (kind == ResourceKind::kSchedule) {
    const auto schedule = state.resources.find<SchedulePtr>(tenant, name);
    if (schedule && schedule->body_bytes > 0) {
      set.add(store::DropResource{ResourceKind::kScheduleBody, tenant, name});
    }
  }
  if (!state.resources.drop(kind, tenant, name)) return false;
  set.add(store::DropResource{kind, tenant, name});
  if (kind == ResourceKind::kSchedule) state.calendar.forget({tenant, name});
  if (kind == ResourceKind::kQueue) {  // what is left in it goes on in order, one at a time
    const TenantPtr owner = state.catalog->find(tenant);
    state.ledger.set_rule(state.lanes.queue(tenant, name),
                          {.kind = LineKind::kSequence,
                           .tenant = tenant,
                           .blocked = owner && is_held_back(*owner),
                           .slots = 1});
    state.ledger.set_rule(state.lanes.paused_queue(tenant, name),
                          {.kind = LineKind::kPaused, .tenant = tenant});
  }
  if (kind == ResourceKind::kFlowKey) {
    const LaneId lane = state.lanes.flow_key(tenant, name);
    state.ledger.drop_permit(lane);
    state.flow_lanes.erase(lane);
  }
  return true;
}

}  // namespace ferry::engine
