#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Nothing is read again and again while nothing changes: an engine that polls costs a disk its rest
// and hides that it has lost sight of what it waits for.
class ReadChecker : Checker {
 public:
  ReadChecker(const Facts& facts, Findings& findings) : Checker("reads", facts, findings) {}

  void on(const LifeBegan&) { reads_ = 0; }
  void on(const SetStored&) { reads_ = 0; }
  void on(const LaneRead& read) {
    expect(++reads_ <= kReadsMax, "lanes are read again and again without any write",
           static_cast<std::int64_t>(read.lane));
  }

 private:
  // The largest window may be filled row by row, and every lane may turn out to be empty.
  static constexpr std::uint64_t kReadsMax = 100;

  std::uint64_t reads_ = 0;  // in a row without any write
};

}  // namespace ferry::simulation
