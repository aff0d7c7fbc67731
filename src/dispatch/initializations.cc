#include "dispatch/initializations.h"

#include <utility>

namespace ferry::dispatch {

std::shared_ptr<Initialization> Initializations::use(const std::string& endpoint, TimePoint now) {
  forget(now);
  const auto place = places_.find(endpoint);
  if (place != places_.end()) {
    known_.splice(known_.end(), known_, place->second);
    place->second->used_at = now;
    return place->second->initialization;
  }
  known_.push_back({endpoint, std::make_shared<Initialization>(), now});
  places_.emplace(endpoint, std::prev(known_.end()));
  return known_.back().initialization;
}

// Leaves room for one more.
void Initializations::forget(TimePoint now) {
  for (auto it = known_.begin(); it != known_.end();) {
    if (places_.size() < kMost && now - it->used_at < kKept) return;
    if (it->initialization->phase == Initialization::Phase::kRunning) {
      ++it;
      continue;
    }
    places_.erase(it->endpoint);
    it = known_.erase(it);
  }
}

}  // namespace ferry::dispatch
