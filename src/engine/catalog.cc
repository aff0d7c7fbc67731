// Tenants: saved, deleted, paused; signing keys rotated. Each change replaces the catalogue as a
// whole.

#include <algorithm>
#include <utility>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/lines.h"
#include "engine/recovery.h"
#include "engine/running.h"

namespace ferry::engine {
namespace {

void replace_catalog(Engine::State& state, Turn& turn, std::vector<TenantPtr> tenants,
                     bool paused) {
  std::ranges::sort(tenants, {}, [](const TenantPtr& tenant) { return tenant->id; });
  state.catalog = std::make_shared<const TenantCatalog>(std::move(tenants), paused);
  turn.effects.emplace_back(CatalogChanged{state.catalog});
}

void put_tenant(Engine::State& state, Turn& turn, TenantPtr tenant, store::WriteSet set = {}) {
  std::vector<TenantPtr> tenants = state.catalog->all();
  std::erase_if(tenants, [&](const TenantPtr& other) { return other->id == tenant->id; });
  tenants.push_back(tenant);
  set.add(store::PutTenant{std::move(tenant)});
  turn.sets.push_back(std::move(set));
  replace_catalog(state, turn, std::move(tenants), state.catalog->paused());
}

// Never an id that some tenant had: what that one left behind is not the new one's.
TenantId next_tenant_id(Engine::State& state, store::WriteSet& set) {
  ++state.last_tenant.value;
  set.add(
      store::PutSetting{std::string(kLastTenantSetting), std::to_string(state.last_tenant.value)});
  return state.last_tenant;
}

// The deliveries that wait in memory take the line that fits the tenant's new state. Those that
// stand in a strict line keep their place in it, unless the tenant is gone.
void requeue(Engine::State& state, Turn& turn, TenantId tenant) {
  const TenantPtr now = state.catalog->find(tenant);
  state.ledger.set_rule(
      FlowLedger::paused_line(tenant),
      {.kind = LineKind::kPaused, .tenant = tenant, .blocked = now && is_held_back(*now)});
  follow_tenant(state, tenant);
  std::vector<DeliveryId> waiting;
  for (const Held* held : state.index.ready_of(tenant)) {
    if (!now || !state.ledger.is_strict(held->line)) waiting.push_back(held->delivery.id);
  }
  for (const DeliveryId id : waiting) {
    Held* held = state.index.find(id);
    state.ledger.forget(held->line, id);
    make_ready(state, turn, *held);
  }
}

// Attempts of a tenant that is suspended or gone are cut; those of a suspended one are due again
// when it is resumed, as after a crash.
void cut_attempts(Engine::State& state, Turn& turn, TenantId tenant) {
  for (Held* held : state.index.flying_of(tenant)) {
    cut_attempt(state, turn, *held);
    make_ready(state, turn, *held, held->start);
  }
}

Error unknown_tenant() { return Error{ErrorCode::kNotFound, "tenant not found"}; }

}  // namespace

void apply(Engine::State& state, Turn& turn, RotateKeys command) {
  const TenantPtr tenant = state.catalog->find(command.tenant);
  if (!tenant) return turn.reply(command.reply, unknown_tenant());
  auto changed = std::make_shared<Tenant>(*tenant);
  changed->signing_key_current = tenant->signing_key_next;
  changed->signing_key_next = std::move(command.new_key);
  put_tenant(state, turn, changed);
  turn.reply(command.reply, TenantSaved{changed});
}

void apply(Engine::State& state, Turn& turn, SaveTenant command) {
  const TenantPtr same_name = state.catalog->find(command.tenant.name);
  if (same_name && same_name->id != command.tenant.id) {
    return turn.reply(command.reply, Error{ErrorCode::kInvalidRequest,
                                           "a tenant named " + command.tenant.name + " exists"});
  }
  const TenantPtr known = state.catalog->find(command.tenant.id);
  if (command.tenant.id && !known) return turn.reply(command.reply, unknown_tenant());
  if (command.base && command.base != known) {
    return turn.reply(command.reply,
                      Error{ErrorCode::kInvalidRequest,
                            "tenant " + command.tenant.name + " changed meanwhile: try again"});
  }
  store::WriteSet set;
  if (!command.tenant.id) {
    command.tenant.id = next_tenant_id(state, set);
    command.tenant.created_at = turn.now;
  }
  const auto saved = std::make_shared<const Tenant>(std::move(command.tenant));
  put_tenant(state, turn, saved, std::move(set));
  requeue(state, turn, saved->id);
  if (saved->suspended && !(known && known->suspended)) cut_attempts(state, turn, saved->id);
  turn.reply(command.reply, TenantSaved{saved});
}

void apply(Engine::State& state, Turn& turn, DeleteTenant command) {
  if (!state.catalog->find(command.tenant)) return turn.reply(command.reply, unknown_tenant());
  std::vector<TenantPtr> tenants = state.catalog->all();
  std::erase_if(tenants, [&](const TenantPtr& tenant) { return tenant->id == command.tenant; });
  store::WriteSet& set = turn.open_set();
  set.add(store::DropTenant{command.tenant});
  if (state.usage.erase(command.tenant) > 0) {
    set.add(store::PutSetting{usage_setting(command.tenant), ""});
  }
  for (const Resource& resource : state.resources.of(command.tenant)) {
    drop_resource(state, set, kind_of(resource), command.tenant, std::string(name_of(resource)));
  }
  replace_catalog(state, turn, std::move(tenants), state.catalog->paused());
  requeue(state, turn, command.tenant);
  cut_attempts(state, turn, command.tenant);
  turn.reply(command.reply, Done{});
}

void apply(Engine::State& state, Turn& turn, SetPaused command) {
  if (!command.tenant) {
    turn.open_set().add(store::PutSetting{std::string(kPausedSetting), command.paused ? "1" : ""});
    replace_catalog(state, turn, state.catalog->all(), command.paused);
    return turn.reply(command.reply, Done{});
  }
  const TenantPtr tenant = state.catalog->find(command.tenant);
  if (!tenant) return turn.reply(command.reply, unknown_tenant());
  auto changed = std::make_shared<Tenant>(*tenant);
  changed->paused = command.paused;
  put_tenant(state, turn, changed);
  requeue(state, turn, changed->id);
  turn.reply(command.reply, TenantSaved{changed});
}

}  // namespace ferry::engine
