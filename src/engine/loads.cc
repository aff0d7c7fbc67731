#include "engine/loads.h"

#include <algorithm>

namespace ferry::engine {

std::uint64_t Loads::begin(Purpose purpose) {
  under_way_.emplace(++last_, std::move(purpose));
  return last_;
}

std::optional<Loads::Purpose> Loads::finish(std::uint64_t load) {
  const auto it = under_way_.find(load);
  if (it == under_way_.end()) return std::nullopt;
  Purpose purpose = std::move(it->second);
  under_way_.erase(it);
  // Only now: the rows touched since this load began are still asked for by whoever handles its
  // answer.
  const std::uint64_t oldest =
      under_way_.empty() ? load : std::min(load, under_way_.begin()->first);
  deliveries_.forget_before(oldest);
  letters_.forget_before(oldest);
  dedup_.forget_before(oldest);
  return purpose;
}

}  // namespace ferry::engine
