#include "api/qstash/queues.h"

#include <limits>

#include "api/json_body.h"
#include "api/list_answer.h"
#include "api/qstash/cancelling.h"
#include "api/qstash/resources.h"
#include "api/store_read.h"
#include "base/json_writer.h"

namespace ferry::api {
namespace {

constexpr std::size_t kQueueBytesTypical = 160;

std::unexpected<Error> invalid_body(std::string text) {
  return fail(ErrorCode::kInvalidBody, "invalid body: " + std::move(text));
}

void write_queue(JsonWriter& json, const Queue& queue, std::int64_t lag) {
  json.begin_object()
      .field("name", queue.name)
      .field("createdAt", to_unix_ms(queue.created_at))
      .field("updatedAt", to_unix_ms(queue.updated_at))
      .field("parallelism", queue.parallelism)
      .field("paused", queue.paused)
      .field("lag", lag)
      .end_object();
}

// Messages of each queue that are not finished yet, in the order of the queues.
Awaitable<Result<std::vector<std::int64_t>>> read_lags(const Context& context, TenantId tenant,
                                                       std::vector<engine::ResourceView> queues) {
  std::vector<LaneId> sequences;
  for (const engine::ResourceView& queue : queues) sequences.push_back(queue.lane);
  co_return co_await read_store(context, tenant, ReadKind::kLookup,
                                [&store = context.store, sequences = std::move(sequences)] {
                                  return store.sequence_sizes(sequences);
                                });
}

const Queue& queue_of(const engine::ResourceView& view) {
  return *std::get<QueuePtr>(view.resource);
}

Result<std::string> queue_name_of(const Call& call) {
  return checked_name("queue", call.parameter("name"));
}

Result<std::optional<std::int32_t>> read_parallelism(const std::optional<JsonValue>& value) {
  if (!value || value->is_null()) return std::nullopt;
  const auto number = value->integer();
  if (!number || *number < 1 || *number > std::numeric_limits<std::int32_t>::max()) {
    return invalid_body("parallelism must be a whole number of 1 or more");
  }
  return static_cast<std::int32_t>(*number);
}

Result<std::optional<bool>> read_paused(const std::optional<JsonValue>& value) {
  if (!value || value->is_null()) return std::nullopt;
  const auto flag = value->flag();
  if (!flag) return invalid_body("paused must be true or false");
  return *flag;
}

Result<engine::SaveQueue> read_save(const Call& call, const JsonDocument& document) {
  const JsonValue root = document.root();
  const auto name = root.find("queueName");
  if (!name || !name->text()) return invalid_body("queueName is missing or not a string");
  engine::SaveQueue command;
  command.tenant = call.caller.tenant->id;
  ASSIGN_OR_RETURN(command.name, checked_name("queue", *name->text()));
  ASSIGN_OR_RETURN(command.parallelism, read_parallelism(root.find("parallelism")));
  ASSIGN_OR_RETURN(command.paused, read_paused(root.find("paused")));
  return command;
}

engine::SaveQueue pause_command(const Call& call, std::string name, bool paused) {
  engine::SaveQueue command;
  command.tenant = call.caller.tenant->id;
  command.name = std::move(name);
  command.paused = paused;
  command.must_exist = true;
  return command;
}

Awaitable<Answered> set_paused(Call call, bool paused) {
  CO_ASSIGN_OR_RETURN(std::string name, queue_name_of(call));
  co_return co_await carry_out(call.services.context, pause_command(call, std::move(name), paused));
}

// What is in the queue at this moment: one of that name that is made anew keeps its messages.
Awaitable<Result<std::int64_t>> cancel_contents(const Context& context, TenantId tenant,
                                                std::string name) {
  store::ListFilter filter;
  filter.tenant = tenant;
  filter.queues = {std::move(name)};
  filter.to = context.clock();
  co_return co_await cancel_matching(context, std::move(filter));
}

}  // namespace

Awaitable<Answered> list_queues(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(
      const std::vector<engine::ResourceView> queues,
      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kQueue));
  CO_ASSIGN_OR_RETURN(const std::vector<std::int64_t> lags,
                      co_await read_lags(context, call.caller.tenant->id, queues));
  co_return co_await answer_all(context, call.caller.tenant->id, queues.size(),
                                [queues, lags](JsonWriter& json, std::size_t at) {
                                  write_queue(json, queue_of(queues[at]), lags[at]);
                                });
}

Awaitable<Answered> get_queue(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(std::string name, queue_name_of(call));
  CO_ASSIGN_OR_RETURN(const std::vector<engine::ResourceView> queues,
                      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kQueue,
                                              std::move(name)));
  CO_ASSIGN_OR_RETURN(const std::vector<std::int64_t> lags,
                      co_await read_lags(context, call.caller.tenant->id, queues));
  JsonWriter json(kQueueBytesTypical);
  write_queue(json, queue_of(queues.front()), lags.front());
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> save_queue(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument document, co_await parse_json_body(call.request.body));
  CO_ASSIGN_OR_RETURN(engine::SaveQueue command, read_save(call, document));
  co_return co_await carry_out(call.services.context, std::move(command));
}

// Paused first, so that none of its messages starts while they are cancelled; after the drop again,
// for those that came meanwhile.
Awaitable<Answered> delete_queue(Call call) {
  const Context& context = call.services.context;
  const TenantId tenant = call.caller.tenant->id;
  CO_ASSIGN_OR_RETURN(const std::string name, queue_name_of(call));
  const Answered paused = co_await carry_out(context, pause_command(call, name, true));
  if (!paused && paused.error().code != ErrorCode::kNotFound) co_return paused;
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const std::int64_t before,
                      co_await cancel_contents(context, tenant, name));
  Answered dropped =
      co_await carry_out(context, drop_command(call, ResourceKind::kQueue, name, false));
  if (!dropped) co_return dropped;
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const std::int64_t meanwhile,
                      co_await cancel_contents(context, tenant, name));
  co_return dropped;
}

Awaitable<Answered> pause_queue(Call call) { return set_paused(std::move(call), true); }
Awaitable<Answered> resume_queue(Call call) { return set_paused(std::move(call), false); }

}  // namespace ferry::api
