// Publish: quotas, deduplication, rows.

#include <string>
#include <utility>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/recovery.h"

namespace ferry::engine {
namespace {

Result<void> check_item(const Engine::State& state, const Tenant& tenant, const PublishItem& item,
                        TimePoint now) {
  const std::int32_t retries_max = tenant.quotas.max_retries.value_or(state.options.retries_max);
  if (item.options.max_retries.value_or(0) > retries_max) {
    return fail(ErrorCode::kQuotaExceeded, "quota maxRetries exceeded");
  }
  const Duration delay_max = tenant.quotas.max_delay.value_or(state.options.delay_max);
  if (first_due(item.options, now) > now + delay_max) {
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxDelay exceeded, current limit: " +
                    std::to_string(std::chrono::floor<std::chrono::seconds>(delay_max).count()));
  }
  const std::int64_t bytes_max = tenant.quotas.body_bytes_max.value_or(INT64_MAX);
  if (std::cmp_greater(item.body.size(), bytes_max)) {
    return fail(ErrorCode::kTooLarge, "quota maxMessageSize exceeded");
  }
  return {};
}

Result<TenantPtr> check(Engine::State& state, const Publish& command, TimePoint now) {
  const TenantPtr tenant = state.catalog->find(command.tenant);
  if (!tenant) return fail(ErrorCode::kUnauthenticated);
  if (tenant->suspended) return fail(ErrorCode::kTenantSuspended);
  if (!state.store.has_room()) return fail(ErrorCode::kDiskFull);
  for (const PublishItem& item : command.items) {
    RETURN_IF_ERROR(check_item(state, *tenant, item, now));
  }
  return tenant;
}

// Counts the messages against the tenant's daily quota, in the same write-set.
Result<void> use_quota(Engine::State& state, Turn& turn, store::WriteSet& set, const Tenant& tenant,
                       std::int64_t messages) {
  if (!tenant.quotas.messages_per_day) return {};
  DailyUsage& usage = state.usage[tenant.id];
  const std::int64_t today = utc_day(turn.now);
  const std::int64_t used = usage.day == today ? usage.messages : 0;
  if (used + messages > *tenant.quotas.messages_per_day) {
    return fail(
        ErrorCode::kRateLimited,
        "daily quota of " + std::to_string(*tenant.quotas.messages_per_day) + " messages exceeded");
  }
  usage = {.day = today, .messages = used + messages};
  set.add(store::PutSetting{std::string(kUsageSettingPrefix) + std::to_string(tenant.id.value),
                            std::to_string(today) + " " + std::to_string(usage.messages)});
  return {};
}

PublishedDelivery store_item(Engine::State& state, Turn& turn, store::WriteSet& set,
                             const Publish& command, PublishItem& item) {
  Message message = make_message(item.options, state.options.defaults);
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
  if (state.dedup_loads > 0) state.fresh_dedup[{record.tenant, record.key}] = record;
  set.add(store::PutDedup{std::move(record)});
}

using Found = std::map<DedupKey, DedupRecord>;

std::vector<PublishedDelivery> duplicate_of(const DedupRecord& record, const std::string& url) {
  std::vector<PublishedDelivery> items;
  for (const DeliveryId id : record.deliveries) items.push_back({id, url, true});
  return items;
}

// A read of a deduplication row ended. Rows written meanwhile are remembered until all have.
void release_load(Engine::State& state) {
  if (--state.dedup_loads == 0) state.fresh_dedup.clear();
}

// Stores the whole command; `found` holds the unexpired rows its keys collide with.
void carry_out(Engine::State& state, Turn& turn, Publish command, Found found) {
  const auto tenant = check(state, command, turn.now);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  store::WriteSet set;
  std::int64_t fresh = 0;
  for (const PublishItem& item : command.items) {
    if (!item.dedup_key || !found.contains(*item.dedup_key)) ++fresh;
  }
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
    published.items.push_back({store_item(state, turn, set, command, item)});
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
  std::map<DedupKey, bool> unsure;
  for (const PublishItem& item : command.items) {
    if (item.dedup_key && state.dedup.may_contain(*item.dedup_key)) {
      unsure.emplace(*item.dedup_key, true);
    }
  }
  if (unsure.empty()) return carry_out(state, turn, std::move(command), {});
  const std::uint64_t parked = ++state.last_parked;
  for (const auto& [key, _] : unsure) {
    const std::uint64_t load = state.loads.begin(Loads::ForPublish{parked, key});
    turn.load(load, Load::Dedup{command.tenant, key});
    ++state.dedup_loads;
  }
  state.parked.emplace(parked, ParkedPublish{std::move(command), unsure.size(), {}});
}

void publish_loaded(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose,
                    std::optional<DedupRecord> record) {
  const auto it = state.parked.find(purpose.parked);
  if (it == state.parked.end()) return release_load(state);
  ParkedPublish& parked = it->second;
  if (record && record->expires_at > turn.now) parked.found.emplace(purpose.key, *record);
  if (--parked.waiting > 0) return release_load(state);
  ParkedPublish ready = std::move(parked);
  state.parked.erase(it);
  // What was published while this one waited may be its first; the reads may be older than that.
  for (const PublishItem& item : ready.command.items) {
    if (!item.dedup_key) continue;
    const auto newer = state.fresh_dedup.find({ready.command.tenant, *item.dedup_key});
    if (newer != state.fresh_dedup.end()) ready.found[*item.dedup_key] = newer->second;
  }
  carry_out(state, turn, std::move(ready.command), std::move(ready.found));
  release_load(state);
}

void publish_failed(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose) {
  const auto it = state.parked.find(purpose.parked);
  if (it != state.parked.end()) {
    turn.reply(it->second.command.reply,
               Error{ErrorCode::kInternal, "the deduplication record could not be read"});
    state.parked.erase(it);
  }
  release_load(state);
}

}  // namespace ferry::engine
