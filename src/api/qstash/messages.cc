#include "api/qstash/messages.h"

#include <algorithm>

#include "api/answers.h"
#include "api/qstash/cancelling.h"
#include "api/qstash/list_call.h"
#include "api/qstash/paged_list.h"
#include "api/qstash/shown_message.h"

namespace ferry::api {
namespace {

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
  const auto read =
      [&store = context.store, id = *id, finished_after, tenant = call.caller.tenant->id,
       names = call.services.names(),
       wire_id = std::string(call.parameter("id"))](const PartRequest&) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const std::optional<store::MessageView> view,
                     store.message_view(id, finished_after));
    if (!view || view->delivery.tenant != tenant || view->message == nullptr) {
      return not_found(wire_id);
    }
    ListPart part;
    add_entry(part, [&](JsonWriter& json) { write_message(json, *view, names); });
    return part;
  };
  co_return co_await answer_one(context, call.caller.tenant->id, read);
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
  const auto read = [&store = context.store, page = request.page, names = call.services.names(),
                     trim =
                         request.trim_body](const PartRequest& part_request) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const store::MessagePage found, store.messages(part_of(page, part_request)));
    ListPart part;
    for (const store::LoadedDelivery& row : found.rows) {
      add_entry(part, [&](JsonWriter& json) { write_pending_message(json, row, names, trim); });
    }
    part.next = found.cursor;
    part.cut_short = found.cut_short;
    return part;
  };
  co_return co_await answer_page(context, request.page, "messages", read);
}

}  // namespace ferry::api
