#include "api/qstash/publish.h"

#include <algorithm>

#include "api/answers.h"
#include "api/body_digest.h"
#include "api/engine_link.h"
#include "api/qstash/destination.h"
#include "api/qstash/publish_parser.h"
#include "api/qstash/schedules.h"
#include "api/query.h"
#include "base/check.h"

namespace ferry::api {
namespace {

constexpr std::size_t kAnswerBytesTypical = 192;

engine::Publish publish_command(const Call& call, engine::PublishItem item) {
  engine::Publish command;
  command.tenant = call.caller.tenant->id;
  command.items.push_back(std::move(item));
  command.caller_ip = call.services.proxies.caller_ip(call.request.head);
  command.trace_context = trace_context_of(call.request.head.headers);
  return command;
}

// A duplicate is accepted but makes nothing: 202. A group is one decision for all its endpoints.
http::ServerResponse published_answer(const engine::Published& published, const IdCodec& ids) {
  CHECK(published.items.size() == 1);
  const engine::Published::Item& item = published.items.front();
  const bool duplicate = !item.deliveries.empty() && item.deliveries.front().deduplicated;
  JsonWriter json(item.deliveries.size() * kAnswerBytesTypical);
  write_published(json, item, ids);
  return json_answer(std::move(json).take(), duplicate ? 202 : 200);
}

Awaitable<Answered> accept(Call call, WantedMessage wanted) {
  if (wanted.item.body.size() > kHashedAtOnceMax) {
    co_await hash_large_body(std::move(wanted.unhashed), wanted.item);
  }
  if (wanted.cron) co_return co_await save_schedule(std::move(call), std::move(wanted));
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const engine::Published published,
                      answer_as<engine::Published>(co_await context.engine.call(
                          publish_command(call, std::move(wanted.item)))));
  co_return published_answer(published, *context.ids);
}

void write_delivery(JsonWriter& json, const engine::PublishedDelivery& delivery,
                    const IdCodec& ids) {
  json.begin_object().field("messageId", ids.wire(delivery.id)).field("url", delivery.url);
  if (delivery.deduplicated) json.field("deduplicated", true);
  json.end_object();
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Awaitable<Answered> publish(Call call) {
  CO_ASSIGN_OR_RETURN(WantedMessage wanted,
                      read_publish_call(call, call.parameter("destination"), {}));
  co_return co_await accept(std::move(call), std::move(wanted));
}

Awaitable<Answered> enqueue(Call call) {
  CO_ASSIGN_OR_RETURN(WantedMessage wanted, read_publish_call(call, call.parameter("destination"),
                                                              call.parameter("queue")));
  co_return co_await accept(std::move(call), std::move(wanted));
}

Result<WantedMessage> read_publish_call(Call& call, std::string_view destination,
                                        std::string_view queue) {
  const Services& services = call.services;
  const http::RequestHead& head = call.request.head;
  if (call.request.body.size() > body_bytes_max(services.context.options, *call.caller.tenant)) {
    return fail(ErrorCode::kTooLarge);
  }
  const PublishQuery query = split_publish_query(query_of(head.target));
  const std::string place = rebuild_destination(destination, query.rest);
  const OptionRules rules =
      rules_for(services.context.options, services.guard, *call.caller.tenant, call.now);
  return read_message(
      services, rules,
      {.destination = place,
       .queue = queue,
       .source = {.headers = head.headers,
                  .twins = query.options,
                  .authorization_is_the_callers = call.caller.token_place == TokenPlace::kHeader},
       .body = std::move(call.request.body)});
}

std::size_t body_bytes_max(const Options& options, const Tenant& tenant) {
  const auto& own = tenant.quotas.body_bytes_max;
  return own ? static_cast<std::size_t>(std::max<std::int64_t>(*own, 0)) : options.body_bytes_max;
}

// version "-" trace-id "-" parent-id "-" flags: 2, 32, 16 and 2 hex digits (W3C Trace
// Context, 3.2).
std::string trace_context_of(const HeaderList& headers) {
  constexpr std::size_t kBytes = 55;
  const std::string* field = headers.find("traceparent");
  if (field == nullptr || field->size() != kBytes) return {};
  const std::string_view text = *field;
  const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
  const bool digits = is_lower_hex(text.substr(0, 2)) && is_lower_hex(text.substr(3, 32)) &&
                      is_lower_hex(text.substr(36, 16)) && is_lower_hex(text.substr(53));
  return dashes && digits ? *field : std::string();
}

void write_published(JsonWriter& json, const engine::Published::Item& item, const IdCodec& ids) {
  if (!item.to_group) {
    CHECK(item.deliveries.size() == 1);
    return write_delivery(json, item.deliveries.front(), ids);
  }
  json.begin_array();
  for (const engine::PublishedDelivery& delivery : item.deliveries) {
    write_delivery(json, delivery, ids);
  }
  json.end_array();
}

}  // namespace ferry::api
