// Invoke: an event for a function becomes a message with the function as it is now. A task's id is
// remembered for as long as tasks are kept, so its row is always read before a second one is taken.

#include <algorithm>
#include <charconv>
#include <utility>

#include "domain/function_call.h"
#include "engine/admission.h"
#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/function_counts.h"

namespace ferry::engine {
namespace {

template <class Owner>
bool has_qualifier(const Owner& owner, const std::string& qualifier) {
  std::int64_t id = 0;
  const char* const end = qualifier.data() + qualifier.size();
  const auto [stop, error] = std::from_chars(qualifier.data(), end, id);
  if (error == std::errc{} && stop == end) {
    return std::ranges::find(owner.versions, id, &FunctionVersion::id) != owner.versions.end();
  }
  return std::ranges::find(owner.aliases, qualifier, &FunctionAlias::name) != owner.aliases.end();
}

// Versions and aliases of the 2.0 APIs belong to the service.
Result<void> check_qualifier(const Engine::State& state, const Function& function,
                             const std::string& qualifier) {
  if (qualifier == kLatest || has_qualifier(function, qualifier)) return {};
  if (!function.service.empty()) {
    const auto service = state.resources.find<ServicePtr>(function.tenant, function.service);
    if (service && has_qualifier(*service, qualifier)) return {};
  }
  return fail(ErrorCode::kNotFound,
              "qualifier " + qualifier + " of function " + function.function + " not found");
}

struct Resolved {
  TenantPtr tenant;
  FunctionPtr function;
  AsyncConfig config;
  bool task_mode = false;
};

Result<Resolved> resolve(const Engine::State& state, const Invoke& command) {
  Resolved found;
  ASSIGN_OR_RETURN(found.tenant, admit(state, command.tenant));
  found.function = state.resources.find<FunctionPtr>(command.tenant, command.function);
  if (!found.function) {
    return fail(ErrorCode::kNotFound, "function " + command.function + " not found");
  }
  if (found.function->disabled) {
    return fail(ErrorCode::kInvalidRequest, "function " + command.function + " is disabled");
  }
  RETURN_IF_ERROR(check_qualifier(state, *found.function, command.qualifier));
  if (const AsyncConfig* config = config_of(*found.function, command.qualifier)) {
    found.config = *config;
  }
  found.task_mode = command.task_forced || found.config.task_mode;
  return found;
}

Invocation make_invocation(const Engine::State& state, const Invoke& command,
                           const Resolved& resolved, Lineage lineage) {
  Invocation invocation = invocation_of(*resolved.function, command.qualifier, command.request_id,
                                        state.options.function_region, resolved.tenant->name);
  invocation.event_age_max = resolved.config.event_age_max.value_or(limits::kEventAgeDefault);
  invocation.task_mode = resolved.task_mode;
  invocation.task_id = command.task_id.empty() ? command.request_id : command.task_id;
  invocation.lineage = std::move(lineage);
  return invocation;
}

Message make_message(const Invoke& command, const Resolved& resolved, Invocation invocation) {
  const Function& function = *resolved.function;
  Message message;
  message.tenant = command.tenant;
  message.kind = MessageKind::kInvocation;
  message.headers.add("Content-Type", "application/octet-stream");
  message.body = command.event;
  message.caller_ip = command.caller_ip;
  message.trace_context = command.trace_context;
  message.max_retries = resolved.config.max_retries.value_or(limits::kAsyncRetriesDefault);
  message.timeout = function.timeout;
  message.labels.push_back("fc:" + command.function);
  if (resolved.task_mode) message.labels.push_back(task_label(command.function));
  if (function.concurrency_max > 0) {
    message.flow_control = FlowControl{.key = "fc:" + command.function,
                                       .parallelism = function.concurrency_max,
                                       .rate = {},
                                       .period = std::chrono::seconds(1)};
  }
  message.on_success = resolved.config.on_success;
  message.on_failure = resolved.config.on_failure;
  message.invocation = std::make_shared<const Invocation>(std::move(invocation));
  return message;
}

void remember_task(Engine::State& state, Turn& turn, store::WriteSet& set, const Invoke& command,
                   const std::string& task_id, DeliveryId delivery) {
  DedupRecord record{.tenant = command.tenant,
                     .key = task_key(command.function, task_id),
                     .expires_at = turn.now + command.delay + limits::kTasksKept,
                     .deliveries = {delivery}};
  state.loads.wrote(record);
  set.add(store::PutDedup{std::move(record)});
}

SeriesLabels labels_of(const Function& function, const std::string& qualifier) {
  return function_labels(function.service, function.function, qualifier);
}

void carry_out(Engine::State& state, Turn& turn, const Invoke& command, const Resolved& resolved) {
  auto lineage = continue_lineage(command.lineage, command.function, command.request_id,
                                  resolved.function->recursion_allowed);
  if (!lineage) {
    state.metrics.series.count(series_owner(command.tenant), "fc_recursion_dropped_total",
                               labels_of(*resolved.function, command.qualifier), turn.now);
    return turn.reply(command.reply, lineage.error());
  }
  store::WriteSet set;
  Invocation invocation = make_invocation(state, command, resolved, std::move(*lineage));
  const std::string task_id = invocation.task_id;
  const DeliveryId id =
      create_delivery(state, turn, set, make_message(command, resolved, std::move(invocation)),
                      Destination{.target = {.kind = TargetKind::kFunction,
                                             .url = resolved.function->endpoint + "/invoke"}},
                      turn.now + command.delay);
  if (resolved.task_mode) remember_task(state, turn, set, command, task_id, id);
  state.metrics.accepted_total.add();
  state.metrics.series.count(series_owner(command.tenant), "fc_async_enqueued_total",
                             labels_of(*resolved.function, command.qualifier), turn.now);
  turn.sets.push_back(std::move(set));
  turn.reply(command.reply, Invoked{.id = id, .task_mode = resolved.task_mode});
}

}  // namespace

void apply(Engine::State& state, Turn& turn, Invoke command) {
  const auto resolved = resolve(state, command);
  if (!resolved) return turn.reply(command.reply, resolved.error());
  if (!resolved->task_mode || !command.task_given) {
    return carry_out(state, turn, command, *resolved);
  }
  const DedupKey key = task_key(command.function, command.task_id);
  const TenantId tenant = command.tenant;
  turn.load(state.loads.begin(std::move(command)), Load::Dedup{tenant, key});
}

void invoke_loaded(Engine::State& state, Turn& turn, const Invoke& command,
                   std::optional<DedupRecord> record) {
  // The function may have gone while the row was read.
  const auto resolved = resolve(state, command);
  if (!resolved) return turn.reply(command.reply, resolved.error());
  const DedupKey key = task_key(command.function, command.task_id);
  // One that was taken while this one waited; the read may be older than that.
  if (const DedupRecord* newer = state.loads.written(command.tenant, key)) record = *newer;
  if (record && record->expires_at > turn.now) {
    return turn.reply(command.reply,
                      Error{ErrorCode::kConflict, "task " + command.task_id + " exists already"});
  }
  carry_out(state, turn, command, *resolved);
}

}  // namespace ferry::engine
