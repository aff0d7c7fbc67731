#include "api/fc/tasks.h"

#include <utility>

#include "api/fc/stored.h"
#include "api/fc/task_list.h"
#include "api/fc/task_state.h"
#include "api/list_answer.h"
#include "api/scalars.h"
#include "api/store_read.h"
#include "domain/invocation.h"
#include "domain/limits.h"

namespace ferry::api::fc {
namespace {

Fault not_found(const Call& call) {
  return {call.has_services() ? FaultCode::kStatefulNotFound : FaultCode::kTaskNotFound,
          "task '" + std::string(call.parameter("id")) + "' does not exist"};
}

// The delivery that the task's id stands for; none when it is unknown or forgotten.
Result<DeliveryId> find_delivery(store::Store& store, TenantId tenant, const DedupKey& key,
                                 TimePoint now) {
  ASSIGN_OR_RETURN(const std::optional<DedupRecord> record, store.dedup(tenant, key));
  if (!record || record->expires_at <= now || record->deliveries.empty()) return DeliveryId{};
  return record->deliveries.front();
}

Result<std::optional<Task>> find_task(store::Store& store, TenantId tenant, const DedupKey& key,
                                      TimePoint now) {
  ASSIGN_OR_RETURN(const DeliveryId id, find_delivery(store, tenant, key, now));
  if (!id) return std::nullopt;
  ASSIGN_OR_RETURN(const auto view, store.message_view(id, now - limits::kTasksKept));
  if (!view || !view->message || !view->message->invocation) return std::nullopt;
  return read_task(store, view->message, id);
}

Awaitable<Checked<Address>> address_of_function(const Call& call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const FunctionPtr function,
                      co_await read_function(call, address));
  co_return address;
}

ShownTask shown_for(const Call& call) {
  return {.region = call.services.context.options.function_region,
          .account = call.caller.tenant->name,
          .with_services = call.has_services()};
}

// The token is there on the last page too, empty.
std::string end_of_list(std::string_view token) {
  JsonWriter json;
  json.value(token);
  return "],\"nextToken\":" + json.text() + "}";
}

DedupKey key_of(const Call& call, const Address& address) {
  return task_key(address.name(), call.parameter("id"));
}

}  // namespace

Awaitable<Answered> get_task(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const Address address, co_await address_of_function(call));
  ShownTask shown = shown_for(call);
  shown.with_payloads = shown.with_events = true;
  const auto read = [&store = context.store, now = call.now, tenant = call.caller.tenant->id,
                     key = key_of(call, address), shown](const PartRequest&) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const std::optional<Task> task, find_task(store, tenant, key, now));
    if (!task) return fail(ErrorCode::kNotFound, "the task does not exist");
    ListPart part;
    add_entry(part, [&](JsonWriter& json) { write_task(json, *task, shown); });
    return part;
  };
  api::Answered answered = co_await answer_one(context, call.caller.tenant->id, read);
  if (answered) co_return std::move(*answered);
  if (answered.error().code == ErrorCode::kNotFound) co_return std::unexpected(not_found(call));
  co_return std::unexpected(answered.error());
}

Awaitable<Answered> list_tasks(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const Address address, co_await address_of_function(call));
  CO_ASSIGN_OR_RETURN(const TaskQuery query, read_task_query(call, address.name()));
  ShownTask shown = shown_for(call);
  shown.with_payloads = parse_bool(call.query_value("includePayload").value_or("")) == true;
  const auto read = [&store = context.store, query,
                     shown](const PartRequest& request) -> Result<ListPart> {
    TaskQuery part_query = query;
    part_query.cursor = request.from;
    part_query.limit = request.entries_max;
    ASSIGN_OR_RETURN(const TaskPage page, find_tasks(store, part_query));
    ListPart part;
    for (const Task& task : page.tasks) {
      add_entry(part, [&](JsonWriter& json) { write_task(json, task, shown); });
    }
    part.next = page.cursor;
    part.cut_short = page.cut_short;
    return part;
  };
  ListPlan plan;
  plan.tenant = query.tenant;
  plan.page = {.opening = call.has_services() ? R"({"invocations":[)" : R"({"tasks":[)",
               .read = read,
               .from = query.cursor,
               .entries_max = query.limit};
  plan.rest = [](const PageEnd& end) { return ListRest{{}, end_of_list(end.cursor)}; };
  co_return in_faults(co_await answer_list(context, std::move(plan)));
}

Awaitable<Answered> stop_task(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const Address address, co_await address_of_function(call));
  CO_ASSIGN_OR_RETURN(
      const DeliveryId id,
      co_await read_store(
          context, call.caller.tenant->id, ReadKind::kLookup,
          [&store = context.store, now = call.now, tenant = call.caller.tenant->id,
           key = key_of(call, address)] { return find_delivery(store, tenant, key, now); }));
  if (!id) co_return std::unexpected(not_found(call));
  engine::Cancel command;
  command.tenant = call.caller.tenant->id;
  command.deliveries = {id};
  CO_ASSIGN_OR_RETURN(
      const engine::Cancelled cancelled,
      answer_as<engine::Cancelled>(co_await context.engine.call(std::move(command))));
  if (cancelled.count > 0) co_return empty_answer(204);
  co_return invalid_argument("task '" + std::string(call.parameter("id")) + "' has ended");
}

}  // namespace ferry::api::fc
