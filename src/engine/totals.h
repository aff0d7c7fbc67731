#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "store/store.h"

namespace ferry::engine {

// How many deliveries and dead letters there are: what the store counted, and what changed since.
// A count takes its time while commits go on, so what each of them had changed is kept until the
// count tells which of them it saw.
class Totals {
 public:
  void change_deliveries(std::int64_t by) { changed_.deliveries += by; }
  void change_dead_letters(std::int64_t by) { changed_.dead_letters += by; }

  // A count by the store is wanted, and none is under way. The caller must start it.
  bool take_wanted();
  // Rows went without being counted, or a count failed: the next one is wanted.
  void want() { wanted_ = true; }

  // Everything changed so far is in the store, at `position`.
  void committed(store::Position position);
  void counted(const store::Totals& totals);
  void count_failed();

  std::int64_t deliveries() const { return base_.deliveries + changed_.deliveries; }
  std::int64_t dead_letters() const { return base_.dead_letters + changed_.dead_letters; }

 private:
  struct Counts {
    std::int64_t deliveries = 0;
    std::int64_t dead_letters = 0;
  };

  Counts base_;
  Counts changed_;
  bool wanted_ = true;
  bool counting_ = false;
  std::deque<std::pair<store::Position, Counts>> commits_;  // since the count under way began
};

}  // namespace ferry::engine
