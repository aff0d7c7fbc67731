#include "simulation/plan.h"

namespace ferry::simulation {
namespace {

// One of these, each as likely.
template <class T>
T pick(Random& random, std::initializer_list<T> values) {
  return values.begin()[random.below(values.size())];
}

engine::Options tiny_options(Random& random) {
  engine::Options options;
  options.partition = static_cast<std::uint8_t>(random.below(3));
  options.dedup_window = Duration(pick(random, {2'000, 8'000, 60'000}));
  options.dead_letter_retention = std::chrono::minutes(pick(random, {1, 60 * 24}));
  options.host_in_flight_max = pick(random, {1u, 2u, 5u, 100u});
  options.in_flight_max = pick(random, {2u, 8u, 24u, 200u});
  options.slow_after = Duration(pick(random, {100, 1'000, 3'000}));
  options.window_rows_max = pick(random, {4u, 12u, 60u});
  options.window_bytes_max = pick<std::size_t>(random, {3'000, 20'000, 1u << 20});
  options.host_ready_max = pick(random, {1u, 3u, 10u});
  options.load_ahead = Duration(pick(random, {100, 2'000, 15'000}));
  return options;
}

// One run in three has plain messages only.
Mix any_mix(Random& random) {
  Mix mix;
  if (random.one_in(3)) return mix;
  mix.queues = pick(random, {0u, 30u, 80u});
  mix.ordering_keys = pick(random, {0u, 20u, 50u});
  mix.flow_keys = pick(random, {0u, 30u, 80u});
  mix.groups = pick(random, {0u, 20u, 60u});
  mix.functions = pick(random, {0u, 0u, 30u, 70u});
  mix.resource_calls = pick(random, {5u, 20u, 35u});
  mix.names = pick(random, {1u, 3u});
  return mix;
}

}  // namespace

Plan::Plan(Random& random) : options(tiny_options(random)) {
  const std::uint64_t host_count = 1 + random.below(5);
  for (std::uint64_t i = 0; i < host_count; ++i) {
    hosts.push_back(static_cast<HostKind>(random.below(7)));
  }
  mix = any_mix(random);
  calls = 30 + static_cast<std::uint32_t>(random.below(120));
  call_gap_max = Duration(pick(random, {5, 60, 400, 3'000}));
  capacity_max = pick(random, {1u, 3u, 20u, 400u});
  dedup_keys = pick(random, {1u, 4u});
  crash_one_in = pick<std::uint64_t>(random, {0, 1'000, 150});
  commit_fault_one_in = pick<std::uint64_t>(random, {0, 100, 15});
  read_fault_one_in = pick<std::uint64_t>(random, {0, 40, 6});
  not_started_one_in = pick<std::uint64_t>(random, {0, 0, 12, 3});
  jump_one_in = pick<std::uint64_t>(random, {0, 300});
  jump_max = Duration(pick(random, {30'000, 90'000, 1'200'000, 100'000'000}));
  down_max = Duration(pick(random, {500, 500, 90'000}));
  full_disk_one_in = pick<std::uint64_t>(random, {0, 200});
  read_delay_max = Duration(pick(random, {0, 3, 200, 1'500}));
}

std::string_view name_of(HostKind kind) {
  switch (kind) {
    case HostKind::kGood:
      return "good";
    case HostKind::kFlaky:
      return "flaky";
    case HostKind::kSlow:
      return "slow";
    case HostKind::kDead:
      return "dead";
    case HostKind::kPicky:
      return "picky";
    case HostKind::kLimiter:
      return "limiter";
    case HostKind::kHung:
      return "hung";
  }
  return "";
}

}  // namespace ferry::simulation
