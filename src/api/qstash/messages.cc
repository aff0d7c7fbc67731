#include "api/qstash/messages.h"

#include <algorithm>

#include "api/answers.h"
#include "api/filters.h"
#include "api/qstash/shown_message.h"
#include "api/store_read.h"

namespace ferry::api {
namespace {

constexpr std::size_t kMessageBytesTypical = 512;

std::unexpected<Error> not_found(std::string_view id) {
  return fail(ErrorCode::kNotFound, "message " + std::string(id) + " not found");
}

http::ServerResponse cancelled_answer(std::int64_t count) {
  JsonWriter json;
  json.begin_object().field("cancelled", count).end_object();
  return json_answer(std::move(json).take());
}

Result<engine::Cancel> read_cancel(const Call& call) {
  ASSIGN_OR_RETURN(const std::vector<QueryParameter> parameters,
                   read_parameters(query_of(call.request.head.target), call.request.body.view()));
  const Context& context = call.services.context;
  const TenantId tenant = call.caller.tenant->id;
  ASSIGN_OR_RETURN(ListRequest request,
                   parse_list_request(ListKind::kCancel, parameters, tenant, *context.ids));
  if (!request.explicit_ids) {
    return fail(ErrorCode::kNotSupportedYet, "bulk cancel by filter is not supported yet");
  }
  engine::Cancel command;
  command.tenant = tenant;
  command.deliveries = std::move(request.page.filter.deliveries);
  std::ranges::sort(command.deliveries);
  const auto repeated = std::ranges::unique(command.deliveries);
  command.deliveries.erase(repeated.begin(), repeated.end());
  return command;
}

}  // namespace

Awaitable<Answered> get_message(Call call) {
  const Context& context = call.services.context;
  const auto id = context.ids->parse_delivery(call.parameter("id"));
  if (!id) co_return not_found(call.parameter("id"));
  const TimePoint finished_after = call.now - context.options.finished_visible;
  CO_ASSIGN_OR_RETURN(
      const std::optional<store::MessageView> view,
      co_await read_store(context.readers, [&store = context.store, id = *id, finished_after] {
        return store.message_view(id, finished_after);
      }));
  if (!view || view->delivery.tenant != call.caller.tenant->id || view->message == nullptr) {
    co_return not_found(call.parameter("id"));
  }
  JsonWriter json(view->message->body.size() + kMessageBytesTypical);
  write_message(json, *view, *context.ids);
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> cancel_message(Call call) {
  const Context& context = call.services.context;
  const auto id = context.ids->parse_delivery(call.parameter("id"));
  if (!id) co_return not_found(call.parameter("id"));
  engine::Cancel command;
  command.tenant = call.caller.tenant->id;
  command.deliveries = {*id};
  CO_ASSIGN_OR_RETURN(
      const engine::Cancelled cancelled,
      answer_as<engine::Cancelled>(co_await context.engine.call(std::move(command))));
  if (cancelled.count == 0) co_return not_found(call.parameter("id"));
  co_return cancelled_answer(cancelled.count);
}

Awaitable<Answered> cancel_messages(Call call) {
  CO_ASSIGN_OR_RETURN(engine::Cancel command, read_cancel(call));
  CO_ASSIGN_OR_RETURN(
      const engine::Cancelled cancelled,
      answer_as<engine::Cancelled>(co_await call.services.context.engine.call(std::move(command))));
  co_return cancelled_answer(cancelled.count);
}

}  // namespace ferry::api
