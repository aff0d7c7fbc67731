#include "api/qstash/messages.h"

#include <algorithm>

#include "api/answers.h"
#include "api/qstash/cancelling.h"
#include "api/qstash/list_call.h"
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

Awaitable<Result<std::int64_t>> cancel(const Context& context, ListRequest request, TimePoint now) {
  store::ListFilter& filter = request.page.filter;
  if (request.explicit_ids) {
    co_return co_await cancel_each(context, filter.tenant, std::move(filter.deliveries));
  }
  filter.to = std::min(now, filter.to.value_or(now));
  std::optional<std::int64_t> count_max;
  if (request.counted) count_max = request.page.count;
  co_return co_await cancel_matching(context, std::move(filter), count_max);
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
  write_message(json, *view, call.services.names());
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
  CO_ASSIGN_OR_RETURN(ListRequest request, co_await read_list_call(ListKind::kCancel, call));
  CO_ASSIGN_OR_RETURN(const std::int64_t count,
                      co_await cancel(call.services.context, std::move(request), call.now));
  co_return cancelled_answer(count);
}

Awaitable<Answered> list_messages(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const ListRequest request,
                      co_await read_list_call(ListKind::kMessages, call));
  CO_ASSIGN_OR_RETURN(
      const store::MessagePage page,
      co_await read_store(context.readers, [&store = context.store, page = request.page] {
        return store.messages(page);
      }));
  JsonWriter json(page.rows.size() * kMessageBytesTypical);
  json.begin_object().key("messages").begin_array();
  for (const store::LoadedDelivery& row : page.rows) {
    write_pending_message(json, row, call.services.names(), request.trim_body);
  }
  json.end_array().field_if("cursor", page.cursor).end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api
