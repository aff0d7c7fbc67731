#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ferry::bench {

// Monotonic microseconds: the same clock in sender and receiver, which run on one machine.
std::int64_t now_us();

// The same clock at a moment of the wall clock.
std::int64_t at_unix_us(std::int64_t unix_seconds);

// Latencies in microseconds, exact (every value is kept).
class Latencies {
 public:
  void add(std::int64_t us) { values_.push_back(us); }
  std::size_t count() const { return values_.size(); }
  // The value below which `fraction` of all lie; 0 without values. Sorts.
  std::int64_t quantile(double fraction);

 private:
  std::vector<std::int64_t> values_;
};

}  // namespace ferry::bench
