#include "app/clock.h"

#include <chrono>
#include <utility>

namespace ferry::app {
namespace {

constexpr std::int64_t kJumpMs = 1'000;

std::int64_t wall_ms() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now()).time_since_epoch().count();
}

}  // namespace

std::int64_t Clock::steady_micros() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

Clock::Clock()
    : Clock(Sources{.steady = [] { return steady_micros() / 1'000; }, .wall = &wall_ms}) {}

Clock::Clock(Sources sources)
    : sources_(std::move(sources)), offset_ms_(sources_.wall() - sources_.steady()) {}

TimePoint Clock::now() {
  const std::int64_t steady = sources_.steady();
  std::int64_t offset = offset_ms_.load(std::memory_order_relaxed);
  const std::int64_t ahead = sources_.wall() - (steady + offset);
  if (ahead > kJumpMs) {
    // Losing the race means that another thread moved it just as far.
    offset_ms_.compare_exchange_strong(offset, offset + ahead, std::memory_order_relaxed);
    offset += ahead;
  }
  return from_unix_ms(steady + offset);
}

}  // namespace ferry::app
