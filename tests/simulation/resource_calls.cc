// What clients ask of queues, URL groups, schedules and flow keys.

#include <utility>

#include "simulation/clients.h"
#include "simulation/receivers.h"

namespace ferry::simulation {

std::string Clients::name(std::string_view kind) {
  return std::string(kind) + std::to_string(random_.below(plan_.mix.names));
}

FlowControl Clients::flow() {
  FlowControl made{.key = name("key"), .parallelism = {}, .rate = {}};
  const std::uint64_t kind = random_.below(3);
  if (kind != 0) made.parallelism = 1 + static_cast<std::int32_t>(random_.below(3));
  if (kind != 1) {
    made.rate = 1 + static_cast<std::int32_t>(random_.below(chance(80) ? 4 : 100));
    made.period = std::chrono::seconds(1 + random_.below(10));
  }
  return made;
}

std::vector<Endpoint> Clients::endpoints() {
  std::vector<Endpoint> made;
  const std::uint64_t count = 1 + random_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    Endpoint& endpoint = made.emplace_back();
    endpoint.url = Receivers::url_of(random_.below(plan_.hosts.size()));
    if (chance(50)) endpoint.name = std::to_string(random_.below(4));
  }
  return made;
}

void Clients::put_in_order(PublishOptions& options) {
  if (chance(plan_.mix.queues)) {
    options.queue_name = name("queue");
  } else if (chance(plan_.mix.ordering_keys)) {
    options.ordering_key = name("order");
  }
}

engine::Command Clients::call_queue(CallId call, TenantId tenant) {
  if (chance(12)) {
    return engine::DropNamed{.reply = to(call),
                             .tenant = tenant,
                             .kind = ResourceKind::kQueue,
                             .name = name("queue"),
                             .must_exist = chance(50)};
  }
  engine::SaveQueue made{
      .reply = to(call), .tenant = tenant, .name = name("queue"), .parallelism = {}, .paused = {}};
  if (chance(60)) made.parallelism = 1 + static_cast<std::int32_t>(random_.below(3));
  if (chance(80)) made.paused = chance(50);
  made.must_exist = chance(20);
  return made;
}

engine::Command Clients::call_flow_key(CallId call, TenantId tenant) {
  using Change = engine::ChangeFlowKey::Change;
  static constexpr Change kChanges[] = {Change::kPause, Change::kResume, Change::kPin,
                                        Change::kUnpin, Change::kReset,  Change::kResume};
  const FlowControl limits = flow();
  engine::ChangeFlowKey made{.reply = to(call),
                             .tenant = tenant,
                             .key = limits.key,
                             .change = kChanges[random_.below(6)],
                             .parallelism = {},
                             .rate = {}};
  if (made.change == Change::kPin || made.change == Change::kUnpin) {
    made.parallelism = limits.parallelism;
    made.rate = limits.rate;
    made.period = limits.period;
  }
  return made;
}

engine::Command Clients::call_group(CallId call, TenantId tenant, TimePoint now) {
  const std::uint64_t kind = random_.below(100);
  if (kind < 20) {
    return engine::RemoveEndpoints{
        .reply = to(call), .tenant = tenant, .group = name("group"), .endpoints = endpoints()};
  }
  if (kind < 35) {
    return engine::SaveGroupDefaults{.reply = to(call),
                                     .tenant = tenant,
                                     .group = name("group"),
                                     .headers = {},
                                     .defaults = options(1, now)};
  }
  if (kind < 40) {
    return engine::DropNamed{.reply = to(call),
                             .tenant = tenant,
                             .kind = ResourceKind::kUrlGroup,
                             .name = name("group")};
  }
  return engine::SaveEndpoints{
      .reply = to(call), .tenant = tenant, .group = name("group"), .endpoints = endpoints()};
}

engine::Command Clients::save_schedule(CallId call, TenantId tenant, TimePoint now) {
  static constexpr const char* kCrons[] = {"* * * * *", "*/2 * * * *", "@every 1m30s",
                                           "CRON_TZ=Asia/Tokyo 1-59/2 * * * *", "0 0 31 2 *"};
  Schedule made;
  made.tenant = tenant;
  made.id = name("schedule");
  made.cron = kCrons[chance(50) ? 0 : random_.below(5)];
  made.destination = chance(plan_.mix.groups)
                         ? name("group")
                         : Receivers::url_of(random_.below(plan_.hosts.size()));
  made.options = options(0, now);
  put_in_order(made.options);
  made.body = chance(30) ? Bytes::take(std::string(2'000, 't')) : Bytes::copy("tick");
  return engine::SaveSchedule{.reply = to(call), .schedule = std::move(made)};
}

engine::Command Clients::call_schedule(CallId call, TenantId tenant, TimePoint now) {
  const std::uint64_t kind = random_.below(100);
  if (kind < 50) return save_schedule(call, tenant, now);
  if (kind < 90) {
    return engine::PauseSchedule{
        .reply = to(call), .tenant = tenant, .id = name("schedule"), .paused = chance(45)};
  }
  return engine::DropNamed{.reply = to(call),
                           .tenant = tenant,
                           .kind = ResourceKind::kSchedule,
                           .name = name("schedule"),
                           .must_exist = true};
}

engine::Command Clients::call_resource(CallId call, TimePoint now) {
  const TenantId tenant = any_tenant();
  switch (random_.below(11)) {
    case 0:
    case 1:
    case 9:
    case 10:
      return call_queue(call, tenant);
    case 2:
    case 3:
      return call_flow_key(call, tenant);
    case 4:
    case 5:
      return call_group(call, tenant, now);
    case 6:
    case 7:
      return call_schedule(call, tenant, now);
    default:
      break;
  }
  if (chance(30)) return engine::ReadParallelism{.reply = to(call), .tenant = tenant};
  return engine::ReadResources{.reply = to(call),
                               .tenant = tenant,
                               .kind = static_cast<ResourceKind>(1 + random_.below(4)),
                               .name = {}};
}

// Schedules go, for a run with them would have no end, but only after they went on; queues and keys
// only go on.
std::optional<engine::Command> Clients::release_resource(CallId call) {
  for (const auto& [name, resource] : facts_.resources) {
    if (const auto* queue = std::get_if<QueuePtr>(&resource); queue && (*queue)->paused) {
      return engine::SaveQueue{.reply = to(call),
                               .tenant = name.tenant,
                               .name = name.name,
                               .parallelism = {},
                               .paused = false};
    }
    if (const auto* key = std::get_if<FlowKeyPtr>(&resource); key && (*key)->paused) {
      return engine::ChangeFlowKey{.reply = to(call),
                                   .tenant = name.tenant,
                                   .key = name.name,
                                   .change = engine::ChangeFlowKey::Change::kResume,
                                   .parallelism = {},
                                   .rate = {}};
    }
    if (const auto* schedule = std::get_if<SchedulePtr>(&resource);
        schedule && (*schedule)->paused) {
      return engine::PauseSchedule{
          .reply = to(call), .tenant = name.tenant, .id = name.name, .paused = false};
    }
    if (name.kind == ResourceKind::kSchedule) {
      return engine::DropNamed{
          .reply = to(call), .tenant = name.tenant, .kind = name.kind, .name = name.name};
    }
  }
  return std::nullopt;
}

}  // namespace ferry::simulation
