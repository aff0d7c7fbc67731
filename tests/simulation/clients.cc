#include "simulation/clients.h"

#include <algorithm>
#include <iterator>

#include "simulation/receivers.h"

namespace ferry::simulation {
namespace {

// A key of `map`, rather a late one: what is new is what is interesting.
template <class Map>
typename Map::key_type late_key(Random& random, const Map& map) {
  const std::uint64_t back = std::min(random.below(map.size()), random.below(map.size()));
  return std::prev(map.end(), static_cast<std::ptrdiff_t>(back) + 1)->first;
}

}  // namespace

TenantId Clients::any_tenant() {
  if (facts_.tenants.empty() || chance(2)) return TenantId{99};
  auto it = facts_.tenants.begin();
  std::advance(it, random_.below(facts_.tenants.size()));
  return it->first;
}

DeliveryId Clients::any_delivery() {
  if (facts_.deliveries.empty() || chance(5)) return DeliveryId{123};
  return late_key(random_, facts_.deliveries);
}

DeadLetterId Clients::any_letter() {
  if (facts_.letters.empty() || chance(10)) return DeadLetterId{123};
  return late_key(random_, facts_.letters);
}

PublishOptions Clients::options(int depth, TimePoint now) {
  PublishOptions made;
  if (chance(30)) made.delay = up_to(chance(90) ? 8'000 : 90'000);
  if (chance(2)) made.delay = std::chrono::hours(26);  // its flow key is not kept so long
  if (chance(5)) made.not_before = now + up_to(10'000) - Duration(2'000);
  if (chance(60)) made.max_retries = static_cast<std::int32_t>(random_.below(4));
  if (chance(85)) {
    static constexpr const char* kExpressions[] = {"0", "40", "300 * (1 + retried)", "2500"};
    made.retry_delay_expression = kExpressions[random_.below(4)];
  }
  if (chance(plan_.mix.flow_keys)) made.flow_control = flow();
  if (depth < 3 && chance(25)) made.callback = hook(depth + 1, now);
  if (depth < 3 && chance(25)) made.failure_callback = hook(depth + 1, now);
  return made;
}

HookOptions Clients::hook(int depth, TimePoint now) {
  return {Receivers::url_of(random_.below(plan_.hosts.size())),
          std::make_shared<const PublishOptions>(options(depth, now))};
}

engine::PublishItem Clients::item(ItemId id, TimePoint now) {
  engine::PublishItem made{.target = {.url = Receivers::url_of(random_.below(plan_.hosts.size()))},
                           .group_name = {},
                           .incoming = {},
                           .options = options(0, now),
                           .body = Bytes::take(std::string(random_.below(400), 'b')),
                           .dedup_key = {}};
  if (chance(plan_.mix.groups)) {
    made.target = {};
    made.group_name = name("group");
  }
  put_in_order(made.options);
  made.options.forward_headers.add(std::string(kItemHeader), item_text(id));
  if (chance(35)) {
    made.dedup_key = dedup_key_of_id(std::to_string(random_.below(plan_.dedup_keys)));
  }
  return made;
}

engine::Command Clients::publish(CallId call, TimePoint now) {
  engine::Publish made{.reply = to(call), .tenant = any_tenant(), .items = {}, .caller_ip = "::1"};
  const std::size_t count = chance(70) ? 1 : random_.below(5);
  for (std::size_t i = 0; i < count; ++i) made.items.push_back(item({call, i}, now));
  return made;
}

engine::Command Clients::cancel(CallId call) {
  engine::Cancel made{.reply = to(call), .tenant = any_tenant(), .deliveries = {}};
  const std::uint64_t count = 1 + random_.below(4);
  for (std::uint64_t i = 0; i < count; ++i) made.deliveries.push_back(any_delivery());
  const DeliveryFact* first = facts_.find(made.deliveries.front());
  if (first != nullptr && chance(80)) made.tenant = first->row.tenant;
  return made;
}

engine::Command Clients::delete_letters(CallId call) {
  engine::DeleteDeadLetters made{.reply = to(call), .tenant = any_tenant(), .letters = {}};
  for (std::uint64_t i = 0; i <= random_.below(3); ++i) made.letters.push_back(any_letter());
  const auto first = facts_.letters.find(made.letters.front());
  if (first != facts_.letters.end() && chance(80)) made.tenant = first->second->delivery.tenant;
  return made;
}

engine::Command Clients::retry_letters(CallId call, TimePoint now) {
  engine::RetryDeadLetters made{.reply = to(call),
                                .tenant = any_tenant(),
                                .letters = {},
                                .overrides = {},
                                .caller_ip = "::1"};
  for (std::uint64_t i = 0; i <= random_.below(3); ++i) made.letters.push_back(any_letter());
  const auto first = facts_.letters.find(made.letters.front());
  if (first != facts_.letters.end() && chance(80)) made.tenant = first->second->delivery.tenant;
  if (chance(50)) made.overrides = options(2, now);
  return made;
}

engine::Command Clients::create_tenant(CallId call) {
  Tenant made;
  made.name = "tenant-" + std::to_string(chance(90) ? ++names_ : 1);
  made.signing_key_current = "sig_1";
  made.signing_key_next = "sig_2";
  if (chance(30)) made.quotas.messages_per_day = static_cast<std::int64_t>(random_.below(30));
  if (chance(20)) made.quotas.max_retries = static_cast<std::int32_t>(random_.below(4));
  if (chance(20)) made.quotas.max_delay = up_to(8'000);
  return engine::SaveTenant{.reply = to(call), .tenant = std::move(made)};
}

engine::Command Clients::save_tenant(CallId call) {
  const auto known = facts_.tenants.find(any_tenant());
  if (known == facts_.tenants.end() || chance(40)) return create_tenant(call);
  Tenant changed = *known->second;
  changed.suspended = chance(10);
  changed.paused = chance(30);
  if (chance(10)) changed.name = "tenant-1";  // mostly in use
  return engine::SaveTenant{.reply = to(call), .tenant = std::move(changed)};
}

// Mostly the newest one: then its id is the largest, and must still not be given again.
engine::Command Clients::delete_tenant(CallId call) {
  const bool newest = !facts_.tenants.empty() && chance(70);
  return engine::DeleteTenant{.reply = to(call),
                              .tenant = newest ? facts_.tenants.rbegin()->first : any_tenant()};
}

engine::Command Clients::administer(CallId call) {
  const TenantId tenant = any_tenant();
  const std::uint64_t kind = random_.below(100);
  if (kind < 20) return save_tenant(call);
  if (kind < 24) return delete_tenant(call);
  if (kind < 35) {
    return engine::RotateKeys{
        .reply = to(call), .tenant = tenant, .new_key = "sig_" + std::to_string(call)};
  }
  const bool server = chance(30);
  return engine::SetPaused{
      .reply = to(call), .tenant = server ? TenantId{} : tenant, .paused = chance(45)};
}

engine::Command Clients::next(CallId call, TimePoint now) {
  if (chance(plan_.mix.resource_calls)) return call_resource(call, now);
  if (chance(plan_.mix.functions)) return call_function(call, any_tenant());
  const std::uint64_t kind = random_.below(100);
  if (kind < 16) return cancel(call);
  if (kind < 21) return delete_letters(call);
  if (kind < 28) return retry_letters(call, now);
  if (kind < 38) return administer(call);
  return publish(call, now);
}

std::optional<engine::Command> Clients::release(CallId call) {
  if (facts_.paused) return engine::SetPaused{.reply = to(call), .tenant = {}, .paused = false};
  for (const auto& [id, tenant] : facts_.tenants) {
    if (!tenant->paused && !tenant->suspended) continue;
    Tenant free = *tenant;
    free.paused = free.suspended = false;
    return engine::SaveTenant{.reply = to(call), .tenant = std::move(free)};
  }
  return release_resource(call);
}

}  // namespace ferry::simulation
