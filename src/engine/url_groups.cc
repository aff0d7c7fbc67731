// URL groups: endpoints added and removed, default headers.

#include <utility>

#include "engine/admission.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

constexpr std::size_t kEndpointsMax = 100;  // contract section 16.1

void put(Engine::State& state, Turn& turn, UrlGroup group) {
  group.updated_at = turn.now;
  group.endpoints.shrink_to_fit();
  const auto shared = std::make_shared<const UrlGroup>(std::move(group));
  state.resources.put(shared);
  turn.open_set().add(store::PutResource{shared});
}

Error unknown_group(const std::string& name) {
  return {ErrorCode::kNotFound, "url group " + name + " not found"};
}

Result<void> check_group_memory(const Engine::State& state, const Tenant& tenant,
                                const UrlGroup& group, const UrlGroupPtr& known) {
  const Resource before = known;
  return check_memory(state, tenant, std::make_shared<const UrlGroup>(group),
                      known ? &before : nullptr);
}

Result<UrlGroup> with_endpoints(const Engine::State& state, const SaveEndpoints& command,
                                TimePoint now) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, command.tenant));
  const auto known = state.resources.find<UrlGroupPtr>(command.tenant, command.group);
  if (!known) RETURN_IF_ERROR(check_count(state, *tenant, ResourceKind::kUrlGroup, 1));
  UrlGroup group;
  group.tenant = command.tenant;
  group.name = command.group;
  group.created_at = now;
  if (known) group = *known;
  upsert_endpoints(group.endpoints, command.endpoints);
  if (group.endpoints.size() > kEndpointsMax) {
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxEndpoints exceeded, current limit: " + std::to_string(kEndpointsMax));
  }
  RETURN_IF_ERROR(check_group_memory(state, *tenant, group, known));
  return group;
}

}  // namespace

void apply(Engine::State& state, Turn& turn, SaveEndpoints command) {
  auto group = with_endpoints(state, command, turn.now);
  if (!group) return turn.reply(command.reply, group.error());
  put(state, turn, std::move(*group));
  turn.reply(command.reply, Done{});
}

void apply(Engine::State& state, Turn& turn, RemoveEndpoints command) {
  const auto known = state.resources.find<UrlGroupPtr>(command.tenant, command.group);
  if (!known) return turn.reply(command.reply, unknown_group(command.group));
  UrlGroup group = *known;
  remove_endpoints(group.endpoints, command.endpoints);
  if (group.endpoints.empty()) {
    state.resources.drop(ResourceKind::kUrlGroup, command.tenant, command.group);
    turn.open_set().add(
        store::DropResource{ResourceKind::kUrlGroup, command.tenant, command.group});
  } else {
    put(state, turn, std::move(group));
  }
  turn.reply(command.reply, Done{});
}

void apply(Engine::State& state, Turn& turn, SaveGroupDefaults command) {
  const auto known = state.resources.find<UrlGroupPtr>(command.tenant, command.group);
  if (!known) return turn.reply(command.reply, unknown_group(command.group));
  UrlGroup group = *known;
  group.default_headers = std::move(command.headers);
  group.defaults = std::move(command.defaults);
  group.forward_all_headers = command.forward_all_headers;
  const TenantPtr tenant = state.catalog->find(command.tenant);
  if (!tenant) return turn.reply(command.reply, Error{ErrorCode::kUnauthenticated, {}});
  if (auto allowed = check_group_memory(state, *tenant, group, known); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  put(state, turn, std::move(group));
  turn.reply(command.reply, Done{});
}

}  // namespace ferry::engine
