#include "api/qstash/publish_item.h"

#include <utility>

#include "api/body_digest.h"
#include "api/qstash/destination.h"
#include "api/qstash/option_values.h"
#include "api/qstash/travelling_headers.h"
#include "base/encoding.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

constexpr std::string_view kLlm = "api/llm";

Result<void> choose_queue(std::string_view queue, PublishOptions& options) {
  if (queue.empty()) return {};
  Result<std::string> name = parse_name(queue);
  if (!name) return fail(name.error().code, "invalid queue name: " + name.error().text);
  options.queue_name = std::move(*name);
  return check_sequence(options);
}

// The provider's own headers travel below the publisher's and are nobody's to see.
Result<void> apply_api(const ApiDestination& api, std::string_view destination,
                       PublishOptions& options) {
  // A model may think for minutes: nobody would ever see its answer (contract section 15).
  if (destination == kLlm && !options.callback) {
    return fail(ErrorCode::kInvalidHeader,
                "invalid Upstash-Callback header: api/llm needs a callback");
  }
  Redaction redaction = options.redaction.value_or(Redaction());
  for (const HeaderField& field : api.headers) {
    if (options.forward_headers.contains(field.name)) continue;
    options.forward_headers.add(canonical_header_name(field.name), field.value);
    redaction.headers.push_back(to_lower(field.name));
  }
  if (redaction.any()) options.redaction = std::move(redaction);
  return {};
}

// For URLs the call alone decides whether all its headers go along; for a group its defaults may.
Result<void> forward_headers(const OptionSource& source, std::optional<bool> all,
                             engine::PublishItem& item) {
  HeaderList& forwarded = item.options.forward_headers;
  if (all.value_or(false)) return forward_all(source, forwarded);
  if (!all && !item.group_name.empty()) item.incoming = travelling_headers(source, forwarded);
  return {};
}

// The key that the options ask to be deduplicated by, if any; `destination` as given.
void set_dedup_key(std::string_view destination, WantedMessage& wanted) {
  engine::PublishItem& item = wanted.item;
  const PublishOptions& options = item.options;
  if (options.deduplication_id) {
    item.dedup_key = dedup_key_of_id(*options.deduplication_id);
    return;
  }
  if (!options.content_based_deduplication.value_or(false)) return;
  UnhashedContent content = content_without_body(
      destination, item.body.size(), options.content_type.value_or(""), options.forward_headers);
  if (item.body.size() <= kHashedAtOnceMax) {
    item.dedup_key = dedup_key_of(content, sha256(item.body.view()));
  } else {
    wanted.unhashed = std::move(content);
  }
}

}  // namespace

static_assert(kHashedAtOnceMax == limits::kBodyHeldMax, "a large body always has its hash");

Awaitable<void> hash_large_body(std::optional<UnhashedContent> unhashed,
                                engine::PublishItem& item) {
  if (item.body.size() <= kHashedAtOnceMax) co_return;
  item.body_sha256 = co_await hash_body(item.body);
  if (unhashed) item.dedup_key = dedup_key_of(*unhashed, *item.body_sha256);
}

Result<WantedMessage> read_message(const Services& services, const OptionRules& rules,
                                   MessageCall call) {
  ASSIGN_OR_RETURN(Place place, parse_destination(call.destination, services.guard,
                                                  services.context.options.api_destinations));
  ASSIGN_OR_RETURN(ParsedOptions parsed, parse_options(call.source, rules));
  RETURN_IF_ERROR(choose_queue(call.queue, parsed.options));
  WantedMessage wanted;
  engine::PublishItem& item = wanted.item;
  item.options = std::move(parsed.options);
  item.group_name = std::move(place.group_name);
  item.target.url = std::move(place.url);
  item.body = std::move(call.body);
  RETURN_IF_ERROR(forward_headers(call.source, parsed.forwards_all_headers, item));
  // Keyed by what the publisher sent, before the operator's headers are added.
  set_dedup_key(call.destination, wanted);
  if (place.api != nullptr) RETURN_IF_ERROR(apply_api(*place.api, call.destination, item.options));
  wanted.destination = item.group_name.empty() ? item.target.url : item.group_name;
  wanted.cron = std::move(parsed.cron);
  wanted.schedule_id = std::move(parsed.schedule_id);
  return wanted;
}

}  // namespace ferry::api
