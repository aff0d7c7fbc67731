#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "simulation/facts.h"
#include "simulation/plan.h"

namespace ferry::simulation {

inline engine::ReplyTo to(CallId call) { return {.io_thread = 0, .slot = call}; }

// What a destination that is a function begins with.
inline constexpr std::string_view kFunctionTarget = "acs:fc:::functions/";
// What the dispatcher asks for when it pushes a result to a function.
engine::Invoke invocation_of_push(const engine::StartAttempt& attempt);

// Everybody who calls the API: what they ask for next. They know ids that were ever stored, as
// lists would show them, and make some up.
class Clients {
 public:
  Clients(Random& random, const Plan& plan, const Facts& facts)
      : random_(random), plan_(plan), facts_(facts) {}

  // The next call, to be sent as number `call`.
  engine::Command next(CallId call, TimePoint now);

  // Calls that let everything go on, for the end of a run: one that is still needed, if any.
  std::optional<engine::Command> release(CallId call);

  // A new tenant; the first calls of a run.
  engine::Command create_tenant(CallId call);

 private:
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
  TenantId any_tenant();
  DeliveryId any_delivery();
  DeadLetterId any_letter();
  Duration up_to(std::int64_t ms) {
    return Duration(random_.below(static_cast<std::uint64_t>(ms) + 1));
  }

  PublishOptions options(int depth, TimePoint now);
  HookOptions hook(int depth, TimePoint now);
  engine::PublishItem item(ItemId id, TimePoint now);
  engine::Command publish(CallId call, TimePoint now);
  engine::Command cancel(CallId call);
  engine::Command delete_letters(CallId call);
  engine::Command retry_letters(CallId call, TimePoint now);
  engine::Command administer(CallId call);
  engine::Command save_tenant(CallId call);
  engine::Command delete_tenant(CallId call);

  // ---- resource_calls.cc: queues, URL groups, schedules and flow keys ----
  std::string name(std::string_view kind);
  FlowControl flow();
  std::vector<Endpoint> endpoints();
  // Where the item goes in order, if it does.
  void put_in_order(PublishOptions& options);
  engine::Command call_resource(CallId call, TimePoint now);
  engine::Command call_queue(CallId call, TenantId tenant);
  engine::Command call_flow_key(CallId call, TenantId tenant);
  engine::Command call_group(CallId call, TenantId tenant, TimePoint now);
  engine::Command call_schedule(CallId call, TenantId tenant, TimePoint now);
  engine::Command save_schedule(CallId call, TenantId tenant, TimePoint now);
  std::optional<engine::Command> release_resource(CallId call);

  // ---- function_calls.cc ----
  std::string destination();
  engine::Command call_function(CallId call, TenantId tenant);
  engine::Command save_function(CallId call, TenantId tenant);

  Random& random_;
  const Plan& plan_;
  const Facts& facts_;
  std::uint64_t names_ = 0;
};

}  // namespace ferry::simulation
