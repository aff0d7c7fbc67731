#include "latency.h"

#include <algorithm>
#include <chrono>

namespace ferry::bench {

std::int64_t now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t at_unix_us(std::int64_t unix_seconds) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto wall_us = std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
  return now_us() + unix_seconds * 1'000'000 - wall_us;
}

std::int64_t Latencies::quantile(double fraction) {
  if (values_.empty()) return 0;
  std::ranges::sort(values_);
  const auto index = static_cast<std::size_t>(fraction * static_cast<double>(values_.size()));
  return values_[std::min(index, values_.size() - 1)];
}

}  // namespace ferry::bench
