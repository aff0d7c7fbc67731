#include "api/qstash/batch.h"

#include "api/answers.h"
#include "api/engine_link.h"
#include "api/json.h"
#include "api/not_supported.h"
#include "api/qstash/destination.h"
#include "api/qstash/publish.h"
#include "api/qstash/publish_parser.h"
#include "base/check.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

constexpr std::size_t kItemAnswerBytesTypical = 192;

std::unexpected<Error> invalid_body(std::string text) {
  return fail(ErrorCode::kInvalidBody, std::move(text));
}

bool is_absent(const std::optional<JsonValue>& value) { return !value || value->is_null(); }

Result<void> add_header(const JsonMember& member, HeaderList& headers) {
  if (const auto text = member.value.text()) {
    headers.add(std::string(member.name), std::string(*text));
    return {};
  }
  if (member.value.kind() != JsonKind::kArray) {
    return invalid_body("the value of header " + std::string(member.name) +
                        " is neither a string nor an array of strings");
  }
  for (std::size_t i = 0; i < member.value.size(); ++i) {
    const auto text = member.value.element(i).text();
    if (!text) {
      return invalid_body("a value of header " + std::string(member.name) + " is not a string");
    }
    headers.add(std::string(member.name), std::string(*text));
  }
  return {};
}

// What a request could carry: the limits of the server's own header section.
Result<void> check_header_limits(const HeaderList& headers) {
  std::size_t bytes = 0;
  for (const HeaderField& field : headers) bytes += field.name.size() + field.value.size();
  if (headers.size() <= limits::kRequestHeadersMax && bytes <= limits::kRequestHeaderBytesMax) {
    return {};
  }
  return invalid_body("more than " + std::to_string(limits::kRequestHeadersMax) + " headers or " +
                      std::to_string(limits::kRequestHeaderBytesMax) + " bytes of headers");
}

Result<HeaderList> read_headers(const std::optional<JsonValue>& value) {
  HeaderList headers;
  if (is_absent(value)) return headers;
  if (value->kind() != JsonKind::kObject) return invalid_body("headers is not an object");
  headers.reserve(value->size());
  for (std::size_t i = 0; i < value->size(); ++i) {
    RETURN_IF_ERROR(add_header(value->member(i), headers));
  }
  RETURN_IF_ERROR(check_header_limits(headers));
  return headers;
}

Result<Bytes> read_body(const std::optional<JsonValue>& value, std::size_t bytes_max) {
  if (is_absent(value)) return Bytes();
  const auto text = value->text();
  if (!text) return invalid_body("body is not a string");
  if (text->size() > bytes_max) return fail(ErrorCode::kTooLarge);
  return Bytes::copy(*text);
}

Result<void> refuse_queue(const std::optional<JsonValue>& value) {
  if (is_absent(value)) return {};
  const auto name = value->text();
  if (!name) return invalid_body("queue is not a string");
  if (name->empty()) return {};
  return fail(ErrorCode::kNotSupportedYet, std::string(kNoQueuesYet));
}

Result<engine::PublishItem> read_item(const JsonValue& item, const OptionRules& rules,
                                      std::size_t bytes_max) {
  if (item.kind() != JsonKind::kObject) return invalid_body("not an object");
  ASSIGN_OR_RETURN(Bytes body, read_body(item.find("body"), bytes_max));
  const auto destination = item.find("destination");
  const auto url = destination ? destination->text() : std::nullopt;
  if (!url) return invalid_body("destination is missing or not a string");
  RETURN_IF_ERROR(check_destination(*url, rules.guard));
  RETURN_IF_ERROR(refuse_queue(item.find("queue")));
  ASSIGN_OR_RETURN(const HeaderList headers, read_headers(item.find("headers")));
  // An Authorization among an item's headers is the publisher's own: the token came with the call.
  const OptionSource source{.headers = headers, .twins = {}, .authorization_is_the_callers = false};
  ASSIGN_OR_RETURN(PublishOptions options, parse_publish_options(source, rules));
  return make_publish_item(std::string(*url), std::move(options), std::move(body));
}

Result<engine::Publish> read_batch(const Call& call) {
  const Services& services = call.services;
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::parse(call.request.body.view()));
  const JsonValue items = document.root();
  if (items.kind() != JsonKind::kArray) return invalid_body("the body of a batch must be an array");
  if (items.size() > kBatchItemsMax) {
    return invalid_body("a batch may have at most " + std::to_string(kBatchItemsMax) + " items");
  }
  const Tenant& tenant = *call.caller.tenant;
  const OptionRules rules = rules_for(services.context.options, services.guard, tenant, call.now);
  const std::size_t bytes_max = body_bytes_max(services.context.options, tenant);

  engine::Publish command;
  command.items.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Result<engine::PublishItem> item = read_item(items.element(i), rules, bytes_max);
    if (!item) {
      return fail(item.error().code, "batch item " + std::to_string(i) + ": " + item.error().text);
    }
    command.items.push_back(std::move(*item));
  }
  command.tenant = tenant.id;
  command.caller_ip = services.proxies.caller_ip(call.request.head);
  command.trace_context = trace_context_of(call.request.head.headers);
  return command;
}

http::ServerResponse batch_answer(const engine::Published& published, const IdCodec& ids) {
  JsonWriter json(published.items.size() * kItemAnswerBytesTypical);
  json.begin_array();
  for (const auto& deliveries : published.items) {
    CHECK(deliveries.size() == 1);
    write_published(json, deliveries.front(), ids);
  }
  json.end_array();
  return json_answer(std::move(json).take());
}

}  // namespace

Awaitable<Answered> batch(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(engine::Publish command, read_batch(call));
  if (command.items.empty()) co_return json_answer("[]");
  CO_ASSIGN_OR_RETURN(
      const engine::Published published,
      answer_as<engine::Published>(co_await context.engine.call(std::move(command))));
  co_return batch_answer(published, *context.ids);
}

}  // namespace ferry::api
