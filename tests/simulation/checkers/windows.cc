#include "simulation/checkers/windows.h"

#include <algorithm>

namespace ferry::simulation {
namespace {

// The last delivery that is let in may be larger than what is left: a body, or a callback about
// one.
constexpr std::int64_t kLastBytesMax = 16'000;
constexpr std::uint64_t kCountedOneIn = 8;  // steps: counting looks at all deliveries

}  // namespace

void WindowChecker::on(const StepMade& step) {
  const std::int64_t rows = step.metrics.window_deliveries.value();
  const std::int64_t bytes = step.metrics.window_bytes.value();
  expect(rows <= options_.window_rows_max, "more deliveries in memory than the window", rows);
  expect(bytes <= static_cast<std::int64_t>(options_.window_bytes_max) + kLastBytesMax,
         "more bytes in memory than the window", bytes);
  if (++steps_ % kCountedOneIn == 0) {
    expect(std::cmp_less_equal(rows, due_soon(step.now)),
           "deliveries in memory that are not due soon", rows);
  }
}

std::ptrdiff_t WindowChecker::due_soon(TimePoint now) const {
  return std::ranges::count_if(facts_.deliveries, [&](const auto& known) {
    const DeliveryFact& fact = known.second;
    return fact.pending && fact.row.due_at <= now + options_.load_ahead;
  });
}

void WindowChecker::on(const RunEnded& ended) {
  expect(ended.metrics.pending.value() == 0, "the gauge of pending deliveries is wrong",
         ended.metrics.pending.value());
  expect(std::cmp_equal(ended.metrics.dead_letters.value(), facts_.letters.size()),
         "the gauge of dead letters is wrong", ended.metrics.dead_letters.value());
  expect(ended.metrics.in_flight.value() == 0, "the gauge of attempts is wrong",
         ended.metrics.in_flight.value());
}

}  // namespace ferry::simulation
