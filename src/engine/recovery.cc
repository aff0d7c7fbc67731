#include "engine/recovery.h"

#include <algorithm>
#include <charconv>

#include "engine/flow_keys.h"
#include "engine/lines.h"
#include "engine/queues.h"

namespace ferry::engine {
namespace {

// "<day> <messages>", as publish.cc writes it.
std::optional<DailyUsage> parse_usage(std::string_view text) {
  DailyUsage usage;
  const char* const end = text.data() + text.size();
  const auto day = std::from_chars(text.data(), end, usage.day);
  if (day.ec != std::errc() || day.ptr == end || *day.ptr != ' ') return std::nullopt;
  const auto messages = std::from_chars(day.ptr + 1, end, usage.messages);
  if (messages.ec != std::errc() || messages.ptr != end) return std::nullopt;
  return usage;
}

Error unreadable_setting(const std::string& name) {
  return {ErrorCode::kStoreCorrupt, "settings: the row " + name + " is not readable"};
}

Result<TenantId> recover_last_tenant(const store::Catalog& catalog) {
  TenantId last;
  for (const TenantPtr& tenant : catalog.tenants) last = std::max(last, tenant->id);
  const auto row = catalog.settings.find(std::string(kLastTenantSetting));
  if (row == catalog.settings.end()) return last;
  TenantId stored;
  const char* const end = row->second.data() + row->second.size();
  const auto read = std::from_chars(row->second.data(), end, stored.value);
  if (read.ec != std::errc() || read.ptr != end) {
    return std::unexpected(unreadable_setting(row->first));
  }
  return std::max(last, stored);
}

Result<void> recover_usage(Engine::State& state,
                           const std::map<std::string, std::string>& settings) {
  for (auto it = settings.lower_bound(std::string(kUsageSettingPrefix)); it != settings.end();
       ++it) {
    if (!it->first.starts_with(kUsageSettingPrefix)) break;
    const std::string_view tenant = std::string_view(it->first).substr(kUsageSettingPrefix.size());
    TenantId id;
    const auto read = std::from_chars(tenant.data(), tenant.data() + tenant.size(), id.value);
    const auto usage = parse_usage(it->second);
    if (read.ec != std::errc() || !usage) {
      return std::unexpected(unreadable_setting(it->first));
    }
    state.usage[id] = *usage;
    state.usage_untold.insert(id);
  }
  return {};
}

void recover_resources(Engine::State& state, const store::Catalog& catalog) {
  state.lanes = Lanes(catalog.id_secret);
  for (const Resource& resource : catalog.resources) {
    state.resources.put(resource);
    if (const auto* queue = std::get_if<QueuePtr>(&resource)) {
      follow_queue(state, **queue);
    } else if (const auto* key = std::get_if<FlowKeyPtr>(&resource)) {
      recover_flow_key(state, *key);
    } else if (const auto* schedule = std::get_if<SchedulePtr>(&resource)) {
      state.calendar.follow(**schedule);
    }
  }
  for (const Sequence& sequence : catalog.sequences) {
    state.slots.recover(sequence);
    for (std::size_t i = 0; i < sequence.held.size(); ++i) state.ledger.hold_slot(sequence.lane);
  }
}

}  // namespace

std::string usage_setting(TenantId tenant) {
  return std::string(kUsageSettingPrefix) + std::to_string(tenant.value);
}

Result<void> recover_state(Engine::State& state, TimePoint now) {
  ASSIGN_OR_RETURN(const store::Catalog catalog, state.store.catalog(now));
  const bool paused = catalog.settings.contains(std::string(kPausedSetting));
  std::vector<TenantPtr> tenants = catalog.tenants;
  std::ranges::sort(tenants, {}, [](const TenantPtr& tenant) { return tenant->id; });
  state.catalog = std::make_shared<const TenantCatalog>(std::move(tenants), paused);
  ASSIGN_OR_RETURN(state.last_tenant, recover_last_tenant(catalog));
  for (const TenantPtr& tenant : state.catalog->all()) {
    if (is_held_back(*tenant)) {
      state.ledger.set_rule(FlowLedger::paused_line(tenant->id),
                            {.kind = LineKind::kPaused, .tenant = tenant->id, .blocked = true});
    }
  }
  recover_resources(state, catalog);
  state.ids = IdSequence(state.options.partition, catalog.last_id);
  for (const LaneId lane : catalog.lanes) state.ledger.found_lane(lane);
  for (const DedupKey& key : catalog.dedup_keys) state.dedup.add(key, now);
  // An engine before this one in the same process numbered fewer than a million a millisecond.
  state.last_start = static_cast<std::uint64_t>(to_unix_ms(now)) << 20;
  state.prune_at = now + std::chrono::minutes(1);
  return recover_usage(state, catalog.settings);
}

}  // namespace ferry::engine
