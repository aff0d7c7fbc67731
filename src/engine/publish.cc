// Publish: quotas, deduplication, rows.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/admission.h"
#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/recovery.h"

namespace ferry::engine {
namespace {

Result<TenantPtr> check(Engine::State& state, const Publish& command, TimePoint now) {
  ASSIGN_OR_RETURN(TenantPtr tenant, admit(state, command.tenant));
  const std::int64_t bytes_max = tenant->quotas.body_bytes_max.value_or(INT64_MAX);
  for (const PublishItem& item : command.items) {
    RETURN_IF_ERROR(check_quotas(state, *tenant, item.options, now));
    if (std::cmp_greater(item.body.size(), bytes_max)) {
      return fail(ErrorCode::kTooLarge, "quota maxMessageSize exceeded");
    }
  }
  return tenant;
}

// Counts the messages against the tenant's daily quota, in the same write-set.
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
  set.add(store::PutSetting{usage_setting(tenant.id),
                            std::to_string(today) + " " + std::to_string(usage.messages)});
  return {};
}

PublishedDelivery store_item(Engine::State& state, Turn& turn, store::WriteSet& set,
                             const Tenant& tenant, const Publish& command, PublishItem& item) {
  MessageDefaults defaults = state.options.defaults;
  defaults.max_retries = std::min(defaults.max_retries, retries_max(state, tenant));
  Message message = make_message(item.options, defaults);
  message.tenant = command.tenant;
  message.body = std::move(item.body);
  message.caller_ip = command.caller_ip;
  message.trace_context = command.trace_context;
  std::string url = item.target.url;
  const DeliveryId id = create_delivery(state, turn, set, std::move(message),
                                        Destination{.target = std::move(item.target)},
                                        first_due(item.options, turn.now));
  state.metrics.accepted_total.add();
  return {.id = id, .url = std::move(url)};
}

void remember(Engine::State& state, Turn& turn, store::WriteSet& set, DedupRecord record) {
  state.dedup.add(record.key, turn.now);
  state.loads.wrote(record);
  set.add(store::PutDedup{std::move(record)});
}

using Found = std::map<DedupKey, DedupRecord>;

std::vector<PublishedDelivery> duplicate_of(const DedupRecord& record, const std::string& url) {
  std::vector<PublishedDelivery> items;
  for (const DeliveryId id : record.deliveries) items.push_back({id, url, true});
  return items;
}

// The messages that the command really makes: duplicates, also of each other, are free.
std::int64_t count_fresh(const Publish& command, const Found& found) {
  std::set<DedupKey> seen;
  return std::ranges::count_if(command.items, [&](const PublishItem& item) {
    const auto& key = item.dedup_key;
    return !key || (!found.contains(*key) && seen.insert(*key).second);
  });
}

// Stores the whole command; `found` holds the unexpired rows its keys collide with.
void carry_out(Engine::State& state, Turn& turn, Publish command, Found found) {
  const auto tenant = check(state, command, turn.now);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  store::WriteSet set;
  const std::int64_t fresh = count_fresh(command, found);
  if (auto allowed = use_quota(state, turn, set, **tenant, fresh); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  Published published;
  for (PublishItem& item : command.items) {
    const auto first = item.dedup_key ? found.find(*item.dedup_key) : found.end();
    if (first != found.end()) {
      state.metrics.deduplicated_total.add();
      published.items.push_back(duplicate_of(first->second, item.target.url));
      continue;
    }
    published.items.push_back({store_item(state, turn, set, **tenant, command, item)});
    if (!item.dedup_key) continue;
    DedupRecord record{.tenant = command.tenant,
                       .key = *item.dedup_key,
                       .expires_at = turn.now + state.options.dedup_window,
                       .deliveries = {published.items.back().front().id}};
    found.emplace(record.key, record);
    remember(state, turn, set, std::move(record));
  }
  turn.sets.push_back(std::move(set));
  turn.reply(command.reply, std::move(published));
}

}  // namespace

void apply(Engine::State& state, Turn& turn, Publish command) {
  std::set<DedupKey> unsure;
  for (const PublishItem& item : command.items) {
    if (item.dedup_key && state.dedup.may_contain(*item.dedup_key)) unsure.insert(*item.dedup_key);
  }
  if (unsure.empty()) return carry_out(state, turn, std::move(command), {});
  const std::uint64_t parked = ++state.last_parked;
  for (const DedupKey& key : unsure) {
    const std::uint64_t load = state.loads.begin(Loads::ForPublish{parked, key});
    turn.load(load, Load::Dedup{command.tenant, key});
  }
  state.parked.emplace(parked, ParkedPublish{std::move(command), unsure.size(), {}});
}

void publish_loaded(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose,
                    std::optional<DedupRecord> record) {
  const auto it = state.parked.find(purpose.parked);
  if (it == state.parked.end()) return;
  if (record) it->second.found.emplace(purpose.key, std::move(*record));
  if (--it->second.waiting > 0) return;
  ParkedPublish ready = std::move(it->second);
  state.parked.erase(it);
  // What was published while this one waited may be its first; the reads may be older than that.
  for (const PublishItem& item : ready.command.items) {
    if (!item.dedup_key) continue;
    const DedupRecord* newer = state.loads.written(ready.command.tenant, *item.dedup_key);
    if (newer != nullptr) ready.found[*item.dedup_key] = *newer;
  }
  std::erase_if(ready.found, [&](const auto& row) { return row.second.expires_at <= turn.now; });
  carry_out(state, turn, std::move(ready.command), std::move(ready.found));
}

void publish_failed(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose) {
  const auto it = state.parked.find(purpose.parked);
  if (it == state.parked.end()) return;
  turn.reply(it->second.command.reply,
             Error{ErrorCode::kInternal, "the deduplication record could not be read"});
  state.parked.erase(it);
}

}  // namespace ferry::engine
