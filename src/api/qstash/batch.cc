#include "api/qstash/batch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.h"
#include "api/body_digest.h"
#include "api/engine_link.h"
#include "api/json_body.h"
#include "api/qstash/json_headers.h"
#include "api/qstash/publish.h"
#include "api/qstash/publish_item.h"
#include "api/qstash/resources.h"
#include "base/encoding.h"
#include "domain/limits.h"
#include "http/cpu_slice.h"

namespace ferry::api {
namespace {

constexpr std::size_t kItemAnswerBytesTypical = 192;
constexpr std::size_t kBlanksMax = 1024;             // in front of the array
constexpr std::size_t kItemTextBytesMax = 1u << 20;  // of an item beside its body
constexpr std::size_t kItemsWrittenAtOnce = 64;

std::unexpected<Error> invalid_body(std::string text) {
  return fail(ErrorCode::kInvalidBody, std::move(text));
}

bool is_absent(const std::optional<JsonValue>& value) { return !value || value->is_null(); }

Result<Bytes> read_body(const std::optional<JsonValue>& value, std::size_t bytes_max) {
  if (is_absent(value)) return Bytes();
  const auto text = value->text();
  if (!text) return invalid_body("body is not a string");
  if (text->size() > bytes_max) return fail(ErrorCode::kTooLarge);
  return Bytes::copy(*text);
}

Result<std::string> read_queue(const std::optional<JsonValue>& value) {
  if (is_absent(value)) return std::string();
  const auto name = value->text();
  if (!name) return invalid_body("queue is not a string");
  return std::string(*name);
}

// What every item of one call is judged by.
struct ItemRules {
  const Services& services;
  OptionRules options;
  std::size_t bytes_max;
};

Result<WantedMessage> read_item(const JsonValue& item, const ItemRules& rules) {
  if (item.kind() != JsonKind::kObject) return invalid_body("not an object");
  ASSIGN_OR_RETURN(Bytes body, read_body(item.find("body"), rules.bytes_max));
  const auto destination = item.find("destination");
  const auto place = destination ? destination->text() : std::nullopt;
  if (!place) return invalid_body("destination is missing or not a string");
  if (place->size() > limits::kTargetBytesMax) {
    return fail(ErrorCode::kInvalidDestination,
                "destination is longer than " + std::to_string(limits::kTargetBytesMax) + " bytes");
  }
  ASSIGN_OR_RETURN(const std::string queue, read_queue(item.find("queue")));
  ASSIGN_OR_RETURN(const HeaderList headers, read_json_headers(item.find("headers")));
  // An Authorization among an item's headers is the publisher's own: the token came with the call.
  ASSIGN_OR_RETURN(
      WantedMessage wanted,
      read_message(
          rules.services, rules.options,
          {.destination = *place,
           .queue = queue,
           .source = {.headers = headers, .twins = {}, .authorization_is_the_callers = false},
           .body = std::move(body)}));
  if (wanted.cron) {
    return fail(ErrorCode::kInvalidHeader,
                "invalid Upstash-Cron header: a batch makes no schedules");
  }
  return wanted;
}

// The items of a batch as they come.
struct BatchReader {
  const ItemRules& rules;
  std::vector<engine::PublishItem> items;
  // Large bodies by the places of their items, with what is keyed by their hash.
  std::vector<std::pair<std::size_t, std::optional<UnhashedContent>>> unhashed;
  bool is_refused = false;

  Result<void> take(const JsonValue& element) {
    if (items.size() == kBatchItemsMax) {
      return invalid_body("a batch may have at most " + std::to_string(kBatchItemsMax) + " items");
    }
    Result<WantedMessage> wanted = read_item(element, rules);
    if (!wanted) return refuse(std::move(wanted.error()));
    if (wanted->item.body.size() > kHashedAtOnceMax) {
      unhashed.emplace_back(items.size(), std::move(wanted->unhashed));
    }
    items.push_back(std::move(wanted->item));
    return {};
  }

  // The error names the item.
  std::unexpected<Error> refuse(Error error) {
    is_refused = true;
    return fail(error.code,
                "batch item " + std::to_string(items.size()) + ": " + std::move(error.text));
  }
};

Awaitable<Result<engine::Publish>> read_batch(const Call& call) {
  const Services& services = call.services;
  const Tenant& tenant = *call.caller.tenant;
  const Options& options = services.context.options;
  const ItemRules rules{services, rules_for(options, services.guard, tenant, call.now),
                        body_bytes_max(options, tenant)};
  const std::string_view beginning = trim(call.request.body.view().substr(0, kBlanksMax));
  if (!beginning.empty() && !beginning.starts_with('[')) {
    co_return invalid_body("the body of a batch must be an array");
  }
  BatchReader reader{.rules = rules};
  Result<void> read = co_await for_each_element(
      call.request.body, [&reader](const JsonValue& element) { return reader.take(element); },
      {.text_bytes_max = rules.bytes_max + kItemTextBytesMax});
  if (!read) {
    const bool names_item = reader.is_refused || read.error().code != ErrorCode::kTooLarge;
    if (names_item) co_return std::unexpected(std::move(read.error()));
    co_return reader.refuse(std::move(read.error()));
  }
  for (auto& [place, content] : reader.unhashed) {
    co_await hash_large_body(std::move(content), reader.items[place]);
  }
  engine::Publish command;
  command.items = std::move(reader.items);
  command.tenant = tenant.id;
  command.caller_ip = services.proxies.caller_ip(call.request.head);
  command.trace_context = trace_context_of(call.request.head.headers);
  co_return command;
}

// Whether a group exists only the engine knows, which does not count the items of a call.
Awaitable<Error> with_index(const Context& context, TenantId tenant, Error refused,
                            std::vector<std::string> groups) {
  if (refused.code != ErrorCode::kInvalidDestination) co_return refused;
  const auto known = co_await read_resources(context, tenant, ResourceKind::kUrlGroup);
  if (!known) co_return refused;
  const auto is_known = [&](std::string_view name) {
    return name.empty() || std::ranges::any_of(*known, [&](const engine::ResourceView& view) {
             return name_of(view.resource) == name;
           });
  };
  const auto missing = std::ranges::find_if_not(groups, is_known);
  if (missing == groups.end()) co_return refused;
  co_return Error{refused.code,
                  "batch item " + std::to_string(missing - groups.begin()) + ": " + refused.text};
}

std::vector<std::string> groups_of(const engine::Publish& command) {
  std::vector<std::string> groups;
  for (const engine::PublishItem& item : command.items) groups.push_back(item.group_name);
  return groups;
}

Awaitable<Answered> batch_answer(const engine::Published& published, const IdCodec& ids) {
  JsonWriter json(published.items.size() * kItemAnswerBytesTypical);
  http::CpuSlice slice;
  std::size_t written = 0;
  json.begin_array();
  for (const engine::Published::Item& item : published.items) {
    write_published(json, item, ids);
    if (++written % kItemsWrittenAtOnce == 0 && slice.used_up()) co_await slice.pause();
  }
  json.end_array();
  co_return json_answer(std::move(json).take());
}

}  // namespace

Awaitable<Answered> batch(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(engine::Publish command, co_await read_batch(call));
  call.request.body = Bytes();  // the items have what they need of it
  if (command.items.empty()) co_return json_answer("[]");
  const TenantId tenant = command.tenant;
  std::vector<std::string> groups = groups_of(command);
  const Result<engine::Published> published =
      answer_as<engine::Published>(co_await context.engine.call(std::move(command)));
  if (!published) {
    co_return std::unexpected(
        co_await with_index(context, tenant, published.error(), std::move(groups)));
  }
  co_return co_await batch_answer(*published, *context.ids);
}

}  // namespace ferry::api
