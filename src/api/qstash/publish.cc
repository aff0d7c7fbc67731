#include "api/qstash/publish.h"

#include <algorithm>

#include "api/answers.h"
#include "api/engine_link.h"
#include "api/qstash/destination.h"
#include "api/qstash/publish_parser.h"
#include "api/query.h"
#include "base/check.h"

namespace ferry::api {
namespace {

constexpr std::size_t kAnswerBytesTypical = 192;

Result<engine::Publish> read_publish(Call& call) {
  const Services& services = call.services;
  const http::RequestHead& head = call.request.head;
  if (call.request.body.size() > body_bytes_max(services.context.options, *call.caller.tenant)) {
    return fail(ErrorCode::kTooLarge);
  }
  const PublishQuery query = split_publish_query(query_of(head.target));
  std::string url = rebuild_destination(call.parameter("destination"), query.rest);
  RETURN_IF_ERROR(check_destination(url, services.guard));
  const OptionSource source{
      .headers = head.headers,
      .twins = query.options,
      .authorization_is_the_callers = call.caller.token_place == TokenPlace::kHeader};
  const OptionRules rules =
      rules_for(services.context.options, services.guard, *call.caller.tenant, call.now);
  ASSIGN_OR_RETURN(PublishOptions options, parse_publish_options(source, rules));

  engine::Publish command;
  command.tenant = call.caller.tenant->id;
  command.items.push_back(
      make_publish_item(std::move(url), std::move(options), std::move(call.request.body)));
  command.caller_ip = services.proxies.caller_ip(head);
  command.trace_context = trace_context_of(head.headers);
  return command;
}

http::ServerResponse published_answer(const engine::Published& published, const IdCodec& ids) {
  CHECK(published.items.size() == 1 && published.items[0].size() == 1);
  const engine::PublishedDelivery& delivery = published.items[0][0];
  JsonWriter json(kAnswerBytesTypical);
  write_published(json, delivery, ids);
  return json_answer(std::move(json).take(), delivery.deduplicated ? 202 : 200);
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Awaitable<Answered> publish(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(engine::Publish command, read_publish(call));
  CO_ASSIGN_OR_RETURN(
      const engine::Published published,
      answer_as<engine::Published>(co_await context.engine.call(std::move(command))));
  co_return published_answer(published, *context.ids);
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

void write_published(JsonWriter& json, const engine::PublishedDelivery& delivery,
                     const IdCodec& ids) {
  json.begin_object().field("messageId", ids.wire(delivery.id)).field("url", delivery.url);
  if (delivery.deduplicated) json.field("deduplicated", true);
  json.end_object();
}

}  // namespace ferry::api
