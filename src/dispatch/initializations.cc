#include "dispatch/initializations.h"

#include <utility>

namespace ferry::dispatch {

std::shared_ptr<Initialization> Initializations::use(const std::string& endpoint, TimePoint now) {
  forget_unused(now);
  const auto place = places_.find(endpoint);
  if (place != places_.end()) {
    known_.splice(known_.end(), known_, place->second);
    place->second->used_at = now;
    return place->second->initialization;
  }
  make_room();
  known_.push_back({endpoint, std::make_shared<Initialization>(), now});
  places_.emplace(endpoint, std::prev(known_.end()));
  return known_.back().initialization;
}

// One that runs is kept. `place` is the next one afterwards.
void Initializations::forget(std::list<Known>::iterator& place) {
  if (place->initialization->phase == Initialization::Phase::kRunning) {
    ++place;
    return;
  }
  places_.erase(place->endpoint);
  place = known_.erase(place);
}

void Initializations::forget_unused(TimePoint now) {
  for (auto it = known_.begin(); it != known_.end() && now - it->used_at >= kKept;) forget(it);
}

void Initializations::make_room() {
  for (auto it = known_.begin(); it != known_.end() && places_.size() >= kMost;) forget(it);
}

}  // namespace ferry::dispatch
