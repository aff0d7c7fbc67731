#include "engine/hosts.h"

#include <algorithm>

#include "base/check.h"

namespace ferry::engine {
namespace {

// Hosts without attempts that are remembered at most; beyond it the oldest are forgotten early.
constexpr std::size_t kUnusedMax = 20'000;

}  // namespace

Host& Hosts::at(LaneId id) {
  Host& host = hosts_[id];
  if (host.address == 0) host.address = id;
  return host;
}

const Host* Hosts::find(LaneId id) const {
  const auto it = hosts_.find(id);
  return it == hosts_.end() ? nullptr : &it->second;
}

std::uint32_t Hosts::limit(const Host& host, TimePoint now) const {
  const std::uint32_t allowance = is_forgotten(host, now) ? kStartsAtFirst : host.allowance;
  return std::min(allowance, host_slots_);
}

void Hosts::started(Host& host, TimePoint now, bool slow) {
  if (is_forgotten(host, now)) {
    host.allowance = kStartsAtFirst;
    host.peak = 0;
  }
  host.peak = std::max(host.peak, ++host.running);
  if (slow) ++host.slow;
}

void Hosts::ended(LaneId id, Host& host, TimePoint now, AttemptEnd end, bool slow) {
  CHECK(host.running > 0);
  if (end != AttemptEnd::kNoAnswer) grow(host, end);
  if (end == AttemptEnd::kQuickAnswer) host.quick_until = now + kAnswerCounts;
  --host.running;
  if (slow) --host.slow;
  host.used_at = now;
  if (host.running > 0 || host.listed) return;
  host.listed = true;
  unused_.emplace_back(now + kAnswerCounts, id);
}

void Hosts::grow(Host& host, AttemptEnd end) const {
  const std::uint32_t most = end == AttemptEnd::kQuickAnswer ? slots_ : slow_max_;
  if (host.allowance < std::min(2 * host.peak, most)) ++host.allowance;
}

void Hosts::forget_unused(TimePoint now) {
  for (std::size_t left = unused_.size(); left > 0; --left) {
    if (unused_.front().first > now && unused_.size() <= kUnusedMax) break;
    const LaneId id = unused_.front().second;
    unused_.pop_front();
    Host& host = hosts_.at(id);
    host.listed = false;
    if (host.running > 0) continue;  // it is listed again when its last attempt ends
    if (!host.closed_until && (is_forgotten(host, now) || unused_.size() >= kUnusedMax)) {
      hosts_.erase(id);
    } else {
      host.listed = true;
      unused_.emplace_back(std::max(now, host.used_at) + kAnswerCounts, id);
    }
  }
}

}  // namespace ferry::engine
