// What clients ask of functions, and the part of the dispatcher that invokes functions for results.

#include <utility>

#include "simulation/clients.h"
#include "simulation/receivers.h"

namespace ferry::simulation {

// Another function, which may lead back here; a URL; or nothing.
std::string Clients::destination() {
  const std::uint64_t kind = random_.below(100);
  if (kind < 30) return {};
  if (kind < 60) return std::string(kFunctionTarget) + name("function");
  return Receivers::url_of(random_.below(plan_.hosts.size()));
}

engine::Command Clients::save_function(CallId call, TenantId tenant) {
  Function made;
  made.tenant = tenant;
  made.function = name("function");
  made.endpoint = Receivers::url_of(random_.below(plan_.hosts.size()));
  made.recursion_allowed = false;
  AsyncConfig config{.qualifier = std::string(kLatest)};
  config.task_mode = chance(40);
  config.on_success = destination();
  config.on_failure = destination();
  if (chance(70)) config.max_retries = static_cast<std::int32_t>(random_.below(4));
  if (chance(30)) config.event_age_max = std::chrono::seconds(1 + random_.below(60));
  made.configs.push_back(std::move(config));
  FunctionPtr base = facts_.resource<FunctionPtr>(tenant, made.function);
  if (chance(5)) base = nullptr;
  return engine::SaveFunction{.reply = to(call),
                              .function = std::make_shared<const Function>(std::move(made)),
                              .base = std::move(base)};
}

engine::Command Clients::call_function(CallId call, TenantId tenant) {
  if (chance(25)) return save_function(call, tenant);
  engine::Invoke made;
  made.reply = to(call);
  made.tenant = tenant;
  made.function = name("function");
  made.qualifier = chance(95) ? std::string(kLatest) : "3";
  made.event = Bytes::take(std::string(random_.below(400), 'e'));
  made.request_id = "r-" + std::to_string(call);
  if (chance(50)) {
    made.task_id = "task-" + std::to_string(random_.below(plan_.dedup_keys * 3));
    made.task_given = true;
  }
  if (chance(30)) made.delay = up_to(chance(90) ? 8'000 : 90'000);
  return made;
}

engine::Invoke invocation_of_push(const engine::StartAttempt& attempt) {
  const Message& message = *attempt.message;
  engine::Invoke made;
  made.tenant = message.tenant;
  made.function = attempt.delivery.to->target.url.substr(kFunctionTarget.size());
  made.qualifier = kLatest;
  made.event = Bytes::copy("result");  // the record itself would grow with every link of a chain
  made.request_id = std::string(kPushRequest) + std::to_string(attempt.delivery.id.value);
  made.lineage = message.push->lineage;
  return made;
}

}  // namespace ferry::simulation
