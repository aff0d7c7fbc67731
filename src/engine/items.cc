#include "engine/items.h"

#include <algorithm>
#include <utility>

#include "engine/admission.h"
#include "engine/deliveries.h"
#include "engine/recovery.h"

namespace ferry::engine {
namespace {

// The key that a group's defaults ask for; a publish brings its own already.
void find_dedup_key(PublishItem& item) {
  const PublishOptions& options = item.options;
  if (item.dedup_key) return;
  if (options.deduplication_id) {
    item.dedup_key = dedup_key_of_id(*options.deduplication_id);
  } else if (options.content_based_deduplication.value_or(false)) {
    const UnhashedContent content = content_without_body(
        item.group_name.empty() ? item.target.url : item.group_name, item.body.size(),
        options.content_type.value_or(""), options.forward_headers);
    item.dedup_key =
        dedup_key_of(content, item.body_sha256 ? *item.body_sha256 : sha256(item.body.view()));
  }
}

void forward_incoming(PublishItem& item) {
  HeaderList& forwarded = item.options.forward_headers;
  HeaderList added;
  for (const HeaderField& field : item.incoming) {
    if (!forwarded.contains(field.name)) added.add(field.name, field.value);
  }
  for (const HeaderField& field : added) forwarded.add(field.name, field.value);
}

Destination destination_of(const PublishItem& item, const Origin& origin) {
  return {.target = item.target,
          .group_name = item.group_name,
          .endpoint_name = {},
          .queue_name = item.options.queue_name.value_or(""),
          .schedule_id = origin.schedule_id,
          .ordering_key = item.options.ordering_key.value_or("")};
}

std::vector<Destination> destinations_of(const Engine::State& state, const PublishItem& item,
                                         const Origin& origin) {
  const Destination one = destination_of(item, origin);
  if (item.group_name.empty()) return {one};
  const auto group = state.resources.find<UrlGroupPtr>(origin.tenant.id, item.group_name);
  std::vector<Destination> all;
  for (const Endpoint& endpoint : group->endpoints) {
    Destination& each = all.emplace_back(one);
    each.target.url = endpoint.url;
    each.endpoint_name = endpoint.name;
  }
  return all;
}

}  // namespace

// An unknown name has the text of the real service for anything that is no URL.
Result<void> check_group(const Engine::State& state, const Tenant& tenant,
                         const PublishItem& item) {
  if (item.group_name.empty()) return {};
  if (state.resources.find<UrlGroupPtr>(tenant.id, item.group_name)) return {};
  return fail(ErrorCode::kInvalidDestination,
              "invalid destination url: endpoint has invalid scheme, add http:// or https://");
}

Result<void> resolve(const Engine::State& state, const Tenant& tenant, PublishItem& item) {
  if (item.group_name.empty()) return {};
  RETURN_IF_ERROR(check_group(state, tenant, item));
  const auto group = state.resources.find<UrlGroupPtr>(tenant.id, item.group_name);
  item.options = merge(item.options, group->defaults);
  if (group->forward_all_headers) forward_incoming(item);
  find_dedup_key(item);
  return {};
}

std::vector<std::string> urls_of(const Engine::State& state, TenantId tenant,
                                 const PublishItem& item) {
  if (item.group_name.empty()) return {item.target.url};
  std::vector<std::string> urls;
  const auto group = state.resources.find<UrlGroupPtr>(tenant, item.group_name);
  if (!group) return urls;
  for (const Endpoint& endpoint : group->endpoints) urls.push_back(endpoint.url);
  return urls;
}

std::vector<PublishedDelivery> store_item(Engine::State& state, Turn& turn, store::WriteSet& set,
                                          const Origin& origin, PublishItem& item) {
  MessageDefaults defaults = state.options.defaults;
  defaults.max_retries = std::min(defaults.max_retries, retries_max(state, origin.tenant));
  std::vector<Destination> destinations = destinations_of(state, item, origin);
  Message message = make_message(item.options, defaults);
  message.tenant = origin.tenant.id;
  message.body = std::move(item.body);
  note_large_body(message, item.body_sha256);
  message.caller_ip = origin.caller_ip;
  message.trace_context = origin.trace_context;
  std::vector<PublishedDelivery> published;
  for (const Destination& to : destinations) published.push_back({.id = {}, .url = to.target.url});
  const auto ids = create_deliveries(state, turn, set, std::move(message), std::move(destinations),
                                     first_due(item.options, turn.now));
  for (std::size_t i = 0; i < ids.size(); ++i) published[i].id = ids[i];
  state.metrics.accepted_total.add(ids.size());
  return published;
}

DedupRecord remember(Engine::State& state, Turn& turn, store::WriteSet& set, TenantId tenant,
                     const DedupKey& key, const std::vector<PublishedDelivery>& made) {
  DedupRecord record{.tenant = tenant,
                     .key = key,
                     .expires_at = turn.now + state.options.dedup_window,
                     .deliveries = {}};
  for (const PublishedDelivery& each : made) record.deliveries.push_back(each.id);
  state.dedup.add(record.key, turn.now);
  state.loads.wrote(record);
  set.add(store::PutDedup{record});
  return record;
}

Result<void> use_quota(Engine::State& state, Turn& turn, store::WriteSet& set, const Tenant& tenant,
                       std::int64_t messages) {
  if (!tenant.quotas.messages_per_day || messages == 0) return {};
  const auto known = state.usage.find(tenant.id);
  const std::int64_t today = utc_day(turn.now);
  const bool counting = known != state.usage.end() && known->second.day == today;
  const std::int64_t used = counting ? known->second.messages : 0;
  if (used + messages > *tenant.quotas.messages_per_day) {
    return fail(
        ErrorCode::kRateLimited,
        "daily quota of " + std::to_string(*tenant.quotas.messages_per_day) + " messages exceeded");
  }
  const DailyUsage usage{.day = today, .messages = used + messages};
  state.usage[tenant.id] = usage;
  state.usage_untold.insert(tenant.id);
  set.add(store::PutSetting{usage_setting(tenant.id),
                            std::to_string(today) + " " + std::to_string(usage.messages)});
  return {};
}

}  // namespace ferry::engine
