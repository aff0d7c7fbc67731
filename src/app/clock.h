#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/time.h"

namespace ferry::app {

// The server's time: the steady clock counted from the wall time at start. A wall clock that runs
// ahead by more than a second (set forward, or the machine slept) moves it forward at once; one
// that is set back never moves it back, so ids, windows and due times only ever ascend. Any thread.
class Clock {
 public:
  // Both in milliseconds: `steady` from any start and never back, `wall` since 1970.
  struct Sources {
    std::function<std::int64_t()> steady;
    std::function<std::int64_t()> wall;
  };

  Clock();  // on the clocks of the machine
  explicit Clock(Sources sources);

  TimePoint now();
  // Monotonic microseconds from an unspecified start, for latencies.
  static std::int64_t steady_micros();

 private:
  Sources sources_;
  std::atomic<std::int64_t> offset_ms_;  // wall = steady + offset
};

}  // namespace ferry::app
