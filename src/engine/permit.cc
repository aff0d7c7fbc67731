#include "engine/permit.h"

#include <algorithm>

#include "base/check.h"

namespace ferry::engine {
namespace {

// Slots reserved durably at once: a write for each start would be one more row a message.
constexpr std::int32_t kReservedAhead = 64;

}  // namespace

void Permit::set(const FlowKey& key) {
  limit_ = key.parallelism;
  rate_ = key.rate;
  period_ = key.period;
}

void Permit::recover(const FlowKey& key) {
  set(key);
  window_start_ = key.window_start;
  used_ = reserved_ = key.reserved;
}

std::optional<TimePoint> Permit::free_at(TimePoint now) const {
  if (!free_slot() || free_start(now)) return std::nullopt;
  return window_start_ + period_;
}

void Permit::take(TimePoint now) {
  CHECK(free(now));
  ++in_use_;
  if (rate_ == 0) return;
  if (window_over(now)) reset(now);
  ++used_;
  if (used_ > reserved_) reserved_ = std::min(rate_, used_ + kReservedAhead);
}

void Permit::release() {
  CHECK(in_use_ > 0);
  --in_use_;
}

void Permit::give_back(std::uint32_t window) {
  if (rate_ != 0 && window == window_ && used_ > 0) --used_;
}

void Permit::reset(TimePoint now) {
  ++window_;
  window_start_ = now;
  used_ = reserved_ = 0;
}

}  // namespace ferry::engine
