#include "engine/totals.h"

namespace ferry::engine {

bool Totals::take_wanted() {
  if (!wanted_ || counting_) return false;
  wanted_ = false;
  counting_ = true;
  commits_.clear();
  return true;
}

void Totals::committed(store::Position position) {
  if (counting_) commits_.emplace_back(position, changed_);
}

void Totals::counted(const store::Totals& totals) {
  Counts seen;
  for (const auto& [position, changed] : commits_) {
    if (position <= totals.position) seen = changed;
  }
  base_ = {totals.deliveries - seen.deliveries, totals.dead_letters - seen.dead_letters};
  counting_ = false;
  commits_.clear();
}

void Totals::count_failed() {
  counting_ = false;
  want();
}

}  // namespace ferry::engine
