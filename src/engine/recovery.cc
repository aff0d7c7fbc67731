#include "engine/recovery.h"

#include <algorithm>
#include <charconv>

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
      return fail(ErrorCode::kStoreCorrupt, "settings: the row " + it->first + " is not readable");
    }
    state.usage[id] = *usage;
  }
  return {};
}

}  // namespace

Result<void> recover_state(Engine::State& state, TimePoint now) {
  ASSIGN_OR_RETURN(const store::Catalog catalog, state.store.catalog(now));
  const bool paused = catalog.settings.contains(std::string(kPausedSetting));
  std::vector<TenantPtr> tenants = catalog.tenants;
  std::ranges::sort(tenants, {}, [](const TenantPtr& tenant) { return tenant->id; });
  state.catalog = std::make_shared<const TenantCatalog>(std::move(tenants), paused);
  for (const TenantPtr& tenant : state.catalog->all()) {
    if (tenant->paused) state.ledger.set_blocked(FlowLedger::paused_queue(tenant->id), true);
  }
  state.ids = IdSequence(state.options.partition, catalog.last_id);
  for (const LaneId lane : catalog.lanes) state.ledger.found_lane(lane);
  for (const DedupKey& key : catalog.dedup_keys) state.dedup.add(key, now);
  state.prune_at = now + std::chrono::minutes(1);
  return recover_usage(state, catalog.settings);
}

}  // namespace ferry::engine
