// Publish: quotas, deduplication, rows.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "domain/limits.h"
#include "engine/admission.h"
#include "engine/families.h"
#include "engine/items.h"

namespace ferry::engine {
namespace {

// The queues and flow keys that the command would create.
Result<void> check_names(const Engine::State& state, const Tenant& tenant, const Publish& command) {
  std::set<std::string_view> queues, keys;
  for (const PublishItem& item : command.items) {
    const auto& name = item.options.queue_name;
    if (name && !state.resources.find<QueuePtr>(tenant.id, *name)) queues.insert(*name);
    const auto& flow = item.options.flow_control;
    if (flow && !state.resources.find<FlowKeyPtr>(tenant.id, flow->key)) keys.insert(flow->key);
  }
  if (queues.empty() && keys.empty()) return {};
  RETURN_IF_ERROR(check_count(state, tenant, ResourceKind::kQueue, std::ssize(queues)));
  RETURN_IF_ERROR(check_count(state, tenant, ResourceKind::kFlowKey, std::ssize(keys)));
  std::size_t bytes = 0;
  for (const auto* names : {&queues, &keys}) {
    for (const std::string_view each : *names) bytes += each.size();
  }
  return check_memory(state, tenant, queues.size() + keys.size(), bytes);
}

Result<TenantPtr> check(Engine::State& state, const Publish& command, TimePoint now) {
  ASSIGN_OR_RETURN(TenantPtr tenant, admit(state, command.tenant));
  RETURN_IF_ERROR(check_names(state, *tenant, command));
  const std::int64_t bytes_max = tenant->quotas.body_bytes_max.value_or(INT64_MAX);
  for (const PublishItem& item : command.items) {
    RETURN_IF_ERROR(check_group(state, *tenant, item));  // it may be gone since the command came
    RETURN_IF_ERROR(check_quotas(state, *tenant, item.options, now));
    if (std::cmp_greater(item.body.size(), bytes_max)) {
      return fail(ErrorCode::kTooLarge, "quota maxMessageSize exceeded");
    }
  }
  return tenant;
}

// What a delivery takes in the store besides its texts, about, with its entry in the history.
constexpr std::size_t kRowOverheadBytes = 400;

// Deliveries that a call makes, and the bytes of their rows; the content, which deliveries of one
// item share, is not among them.
struct FanOut {
  std::size_t deliveries = 0;
  std::size_t bytes = 0;
};

// A row and its entry have the destination each.
std::size_t row_bytes(const PublishItem& item, std::size_t destination_bytes) {
  const PublishOptions& options = item.options;
  return kRowOverheadBytes +
         2 * (destination_bytes + item.group_name.size() + options.queue_name.value_or("").size() +
              options.ordering_key.value_or("").size());
}

void count(const Engine::State& state, TenantId tenant, const PublishItem& item, FanOut& made) {
  if (item.group_name.empty()) {
    ++made.deliveries;
    made.bytes += row_bytes(item, item.target.url.size());
    return;
  }
  const auto group = state.resources.find<UrlGroupPtr>(tenant, item.group_name);
  if (!group) return;
  made.deliveries += group->endpoints.size();
  for (const Endpoint& endpoint : group->endpoints) {
    made.bytes += row_bytes(item, endpoint.url.size() + endpoint.name.size());
  }
}

// Before any is made, and before deduplication, which only makes it fewer.
Result<void> check_fan_out(const Engine::State& state, const Publish& command) {
  FanOut made;
  for (const PublishItem& item : command.items) {
    count(state, command.tenant, item, made);
    if (made.deliveries > limits::kDeliveriesOfCallMax) {
      return fail(ErrorCode::kTooLarge,
                  "the call makes more than " + std::to_string(limits::kDeliveriesOfCallMax) +
                      " deliveries, which is the most that one call may make");
    }
    if (made.bytes > limits::kRowBytesOfCallMax) {
      return fail(ErrorCode::kTooLarge,
                  "the deliveries of the call take more than " +
                      std::to_string(limits::kRowBytesOfCallMax >> 20) +
                      " MB without their bodies, which is the most that one call may take");
    }
  }
  return {};
}

using Found = std::map<DedupKey, DedupRecord>;

// The deliveries of the first one. Where their number is still that of the destinations, each is
// shown with the URL it went to.
Published::Item duplicate_of(const Engine::State& state, const DedupRecord& record,
                             const PublishItem& item) {
  Published::Item duplicate{.deliveries = {}, .to_group = !item.group_name.empty()};
  auto urls = urls_of(state, record.tenant, item);
  if (!duplicate.to_group) urls.resize(record.deliveries.size(), item.target.url);
  const bool known = urls.size() == record.deliveries.size();
  for (std::size_t i = 0; i < record.deliveries.size(); ++i) {
    duplicate.deliveries.push_back({record.deliveries[i], known ? urls[i] : std::string(), true});
  }
  return duplicate;
}

// The messages that the command really makes: duplicates, also of each other, are free.
std::int64_t count_fresh(const Engine::State& state, const Publish& command, const Found& found) {
  std::set<DedupKey> seen;
  std::int64_t fresh = 0;
  for (const PublishItem& item : command.items) {
    const auto& key = item.dedup_key;
    const bool duplicate = key && (found.contains(*key) || !seen.insert(*key).second);
    if (!duplicate) fresh += std::ssize(urls_of(state, command.tenant, item));
  }
  return fresh;
}

// Stores the whole command; `found` holds the unexpired rows its keys collide with.
void carry_out(Engine::State& state, Turn& turn, Publish command, Found found) {
  const auto tenant = check(state, command, turn.now);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  store::WriteSet set;
  const bool counts = (*tenant)->quotas.messages_per_day.has_value();
  const std::int64_t fresh = counts ? count_fresh(state, command, found) : 0;
  if (auto allowed = use_quota(state, turn, set, **tenant, fresh); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  const Origin origin{.tenant = **tenant,
                      .caller_ip = std::move(command.caller_ip),
                      .trace_context = std::move(command.trace_context),
                      .schedule_id = {}};
  Published published;
  for (PublishItem& item : command.items) {
    const auto first = item.dedup_key ? found.find(*item.dedup_key) : found.end();
    if (first != found.end()) {
      state.metrics.deduplicated_total.add();
      published.items.push_back(duplicate_of(state, first->second, item));
      continue;
    }
    published.items.push_back({.deliveries = store_item(state, turn, set, origin, item),
                               .to_group = !item.group_name.empty()});
    if (!item.dedup_key) continue;
    const auto& made = published.items.back().deliveries;
    found.emplace(*item.dedup_key,
                  remember(state, turn, set, command.tenant, *item.dedup_key, made));
  }
  turn.sets.push_back(std::move(set));
  turn.reply(command.reply, std::move(published));
}

}  // namespace

// Groups are resolved once, when the command comes: what is published while it waits for a row
// changes nothing about it.
Result<void> resolve_all(Engine::State& state, Publish& command) {
  const TenantPtr tenant = state.catalog->find(command.tenant);
  if (!tenant) return fail(ErrorCode::kUnauthenticated);
  for (PublishItem& item : command.items) RETURN_IF_ERROR(resolve(state, *tenant, item));
  return {};
}

void apply(Engine::State& state, Turn& turn, Publish command) {
  if (auto allowed = check_fan_out(state, command); !allowed) {
    return turn.reply(command.reply, allowed.error());
  }
  if (auto resolved = resolve_all(state, command); !resolved) {
    return turn.reply(command.reply, resolved.error());
  }
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
