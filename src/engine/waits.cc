#include "engine/waits.h"

#include "base/check.h"

namespace ferry::engine {
namespace {

bool is_for_share(WaitKind kind) { return kind != WaitKind::kHost; }

}  // namespace

void Waits::add(LaneId line, For what, LaneId host) {
  const std::uint64_t number = ++last_;
  CHECK(lines_.try_emplace(line, Place{what, number, host}).second);
  order_.emplace(std::pair{what, number}, line);
  if (is_for_share(what.kind)) to_host_.emplace(host, line);
}

void Waits::remove(LaneId line) {
  const auto it = lines_.find(line);
  CHECK(it != lines_.end());
  const Place& place = it->second;
  order_.erase({place.what, place.number});
  if (is_for_share(place.what.kind)) to_host_.erase({place.host, line});
  lines_.erase(it);
}

std::optional<Waits::For> Waits::find(LaneId line) const {
  const auto it = lines_.find(line);
  if (it == lines_.end()) return std::nullopt;
  return it->second.what;
}

std::optional<LaneId> Waits::first(For what) const {
  const auto it = order_.lower_bound({what, 0});
  if (it == order_.end() || it->first.first != what) return std::nullopt;
  return it->second;
}

std::optional<LaneId> Waits::first_to(LaneId host) const {
  const auto it = to_host_.lower_bound({host, 0});
  if (it == to_host_.end() || it->first != host) return std::nullopt;
  return it->second;
}

std::optional<std::uint64_t> Waits::next_id(WaitKind kind,
                                            std::optional<std::uint64_t> after) const {
  const auto it =
      after ? order_.upper_bound({{kind, *after}, UINT64_MAX}) : order_.lower_bound({{kind, 0}, 0});
  if (it == order_.end() || it->first.first.kind != kind) return std::nullopt;
  return it->first.first.id;
}

void FewestFirst::put(TenantId tenant, std::uint32_t attempts) {
  const auto [it, fresh] = attempts_of_.try_emplace(tenant, attempts);
  if (!fresh) {
    order_.erase({it->second, tenant});
    it->second = attempts;
  }
  order_.emplace(attempts, tenant);
}

void FewestFirst::remove(TenantId tenant) {
  const auto it = attempts_of_.find(tenant);
  if (it == attempts_of_.end()) return;
  order_.erase({it->second, tenant});
  attempts_of_.erase(it);
}

std::optional<std::pair<std::uint32_t, TenantId>> FewestFirst::first() const {
  if (order_.empty()) return std::nullopt;
  return *order_.begin();
}

}  // namespace ferry::engine
