#include "engine/turns.h"

namespace ferry::engine {
namespace {

// Tenants whose empty list of lines is kept, because it will soon be used again.
constexpr std::size_t kEmptyKept = 1'000;

}  // namespace

void Turns::add(TenantId tenant, LaneId line) {
  std::deque<LaneId>& lines = lines_[tenant];
  if (lines.empty()) tenants_.push_back(tenant);
  lines.push_back(line);
}

std::optional<LaneId> Turns::take() {
  if (tenants_.empty()) return std::nullopt;
  const TenantId tenant = tenants_.front();
  tenants_.pop_front();
  const auto it = lines_.find(tenant);
  const LaneId line = it->second.front();
  it->second.pop_front();
  if (!it->second.empty()) {
    tenants_.push_back(tenant);
  } else if (lines_.size() > kEmptyKept) {
    lines_.erase(it);
  }
  return line;
}

}  // namespace ferry::engine
