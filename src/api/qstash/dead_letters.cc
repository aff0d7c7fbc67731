#include "api/qstash/dead_letters.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/qstash/destination.h"
#include "api/qstash/list_call.h"
#include "api/qstash/paged_list.h"
#include "api/qstash/publish_parser.h"
#include "api/qstash/shown_message.h"
#include "api/store_read.h"

namespace ferry::api {
namespace {

std::unexpected<Error> not_found(std::string_view id) {
  return fail(ErrorCode::kNotFound, "dlq message " + std::string(id) + " not found");
}

Awaitable<Result<store::DeadLetterPage>> read_page(const Context& context,
                                                   store::PageRequest page) {
  const TenantId tenant = page.filter.tenant;
  co_return co_await read_store(
      context, tenant, ReadKind::kScan,
      [&store = context.store, page = std::move(page)] { return store.dead_letters(page); });
}

// What a bulk call is about: the ids it names, or those of the page its filters find.
struct Chosen {
  std::vector<DeadLetterId> letters;
  std::string cursor;  // of the next page; empty: no more match
};

Awaitable<Result<Chosen>> choose_letters(const Context& context, ListRequest request) {
  Chosen chosen;
  if (request.explicit_ids) {
    chosen.letters = std::move(request.page.filter.dead_letters);
    std::ranges::sort(chosen.letters);
    const auto repeated = std::ranges::unique(chosen.letters);
    chosen.letters.erase(repeated.begin(), repeated.end());
    co_return chosen;
  }
  request.page.ids_only = true;
  CO_ASSIGN_OR_RETURN(store::DeadLetterPage page,
                      co_await read_page(context, std::move(request.page)));
  for (const DeadLetterPtr& letter : page.letters) chosen.letters.push_back(letter->id);
  chosen.cursor = std::move(page.cursor);
  co_return chosen;
}

// The command without its letters. The Content-Type of the call is that of its JSON, if any.
Result<engine::RetryDeadLetters> read_retry(const Call& call) {
  const Services& services = call.services;
  const http::RequestHead& head = call.request.head;
  const PublishQuery query = split_publish_query(query_of(head.target));
  const OptionSource source{
      .headers = head.headers,
      .twins = query.options,
      .content_type_is_the_messages = false,
      .authorization_is_the_callers = call.caller.token_place == TokenPlace::kHeader};
  const OptionRules rules =
      rules_for(services.context.options, services.guard, *call.caller.tenant, call.now);
  engine::RetryDeadLetters command;
  ASSIGN_OR_RETURN(command.overrides, parse_publish_options(source, rules));
  command.tenant = call.caller.tenant->id;
  command.caller_ip = services.proxies.caller_ip(head);
  return command;
}

Awaitable<Result<engine::Deleted>> delete_letters(const Context& context, TenantId tenant,
                                                  std::vector<DeadLetterId> letters) {
  engine::DeleteDeadLetters command;
  command.tenant = tenant;
  command.letters = std::move(letters);
  co_return answer_as<engine::Deleted>(co_await context.engine.call(std::move(command)));
}

http::ServerResponse deleted_answer(std::int64_t count, std::string_view cursor) {
  JsonWriter json;
  json.begin_object().field("deleted", count).field_if("cursor", cursor).end_object();
  return json_answer(std::move(json).take());
}

}  // namespace

Awaitable<Answered> list_dead_letters(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(ListRequest request, co_await read_list_call(ListKind::kDeadLetters, call));
  const auto read = [&store = context.store, page = request.page, names = call.services.names(),
                     trim =
                         request.trim_body](const PartRequest& part_request) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const store::DeadLetterPage found,
                     store.dead_letters(part_of(page, part_request)));
    ListPart part;
    for (const DeadLetterPtr& letter : found.letters) {
      add_entry(part, [&](JsonWriter& json) { write_dead_letter(json, *letter, names, trim); });
    }
    part.next = found.cursor;
    part.cut_short = found.cut_short;
    return part;
  };
  co_return co_await answer_page(context, request.page, "messages", read);
}

Awaitable<Answered> get_dead_letter(Call call) {
  const Context& context = call.services.context;
  const auto id = parse_dead_letter_id(call.parameter("id"));
  if (!id) co_return not_found(call.parameter("id"));
  const auto read = [&store = context.store, id = *id, tenant = call.caller.tenant->id,
                     names = call.services.names(), wire_id = std::string(call.parameter("id"))](
                        const PartRequest&) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const DeadLetterPtr letter, store.dead_letter(id, store::LargeBodies::kRead));
    if (letter == nullptr || letter->delivery.tenant != tenant) return not_found(wire_id);
    ListPart part;
    add_entry(part, [&](JsonWriter& json) { write_dead_letter(json, *letter, names, {}); });
    return part;
  };
  co_return co_await answer_one(context, call.caller.tenant->id, read);
}

Awaitable<Answered> delete_dead_letter(Call call) {
  const auto id = parse_dead_letter_id(call.parameter("id"));
  if (!id) co_return not_found(call.parameter("id"));
  CO_ASSIGN_OR_RETURN(const engine::Deleted deleted,
                      co_await delete_letters(call.services.context, call.caller.tenant->id,
                                              std::vector<DeadLetterId>{*id}));
  if (deleted.count == 0) co_return not_found(call.parameter("id"));
  co_return deleted_answer(deleted.count, {});
}

Awaitable<Answered> delete_dead_letters(Call call) {
  CO_ASSIGN_OR_RETURN(ListRequest request, co_await read_list_call(ListKind::kDeadLetters, call));
  CO_ASSIGN_OR_RETURN(Chosen chosen,
                      co_await choose_letters(call.services.context, std::move(request)));
  if (chosen.letters.empty()) co_return deleted_answer(0, {});
  CO_ASSIGN_OR_RETURN(const engine::Deleted deleted,
                      co_await delete_letters(call.services.context, call.caller.tenant->id,
                                              std::move(chosen.letters)));
  co_return deleted_answer(deleted.count, chosen.cursor);
}

Awaitable<Answered> retry_dead_letter(Call call) {
  const Context& context = call.services.context;
  const auto id = parse_dead_letter_id(call.parameter("id"));
  if (!id) co_return not_found(call.parameter("id"));
  CO_ASSIGN_OR_RETURN(engine::RetryDeadLetters command, read_retry(call));
  command.letters = {*id};
  CO_ASSIGN_OR_RETURN(const engine::Retried retried,
                      answer_as<engine::Retried>(co_await context.engine.call(std::move(command))));
  if (retried.deliveries.empty()) co_return not_found(call.parameter("id"));
  JsonWriter json;
  json.begin_object()
      .field("messageId", context.ids->wire(retried.deliveries.front()))
      .end_object();
  co_return json_answer(std::move(json).take(), 201);
}

Awaitable<Answered> retry_dead_letters(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(ListRequest request, co_await read_list_call(ListKind::kDeadLetters, call));
  CO_ASSIGN_OR_RETURN(engine::RetryDeadLetters command, read_retry(call));
  CO_ASSIGN_OR_RETURN(Chosen chosen, co_await choose_letters(context, std::move(request)));
  engine::Retried retried;
  if (!chosen.letters.empty()) {
    command.letters = std::move(chosen.letters);
    CO_ASSIGN_OR_RETURN(
        retried, answer_as<engine::Retried>(co_await context.engine.call(std::move(command))));
  }
  JsonWriter json;
  json.begin_object().field_if("cursor", chosen.cursor).key("responses").begin_array();
  for (const DeliveryId id : retried.deliveries) {
    json.begin_object().field("messageId", context.ids->wire(id)).end_object();
  }
  json.end_array().end_object();
  co_return json_answer(std::move(json).take(), 201);
}

}  // namespace ferry::api
