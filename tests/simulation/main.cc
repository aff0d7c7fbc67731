// ferry_simulation --seeds 1..2000 [--verbose]
//
// Runs the simulation of each seed. Exits with 1 at the first seed in which a checker finds
// something, after naming the seed, the checker and the last events; with 2 for bad arguments.

#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "simulation/world.h"

namespace ferry::simulation {
namespace {

// One seed in so many is run twice: both runs must be the same, event by event.
constexpr std::uint64_t kRepeatedOneIn = 16;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  bool verbose = false;
};

// "17" or "1..2000"
bool parse_seeds(std::string_view text, Arguments& arguments) {
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, arguments.first);
  if (first.ec != std::errc()) return false;
  arguments.last = arguments.first;
  if (first.ptr == end) return true;
  const std::string_view rest(first.ptr, end);
  if (!rest.starts_with("..")) return false;
  const auto last = std::from_chars(rest.data() + 2, end, arguments.last);
  return last.ec == std::errc() && last.ptr == end && arguments.first <= arguments.last;
}

std::optional<Arguments> parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view value = values[i];
    if (value == "--verbose") {
      arguments.verbose = true;
    } else if (value == "--seeds" && i + 1 < count) {
      if (!parse_seeds(values[++i], arguments)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

volatile std::sig_atomic_t running_seed = 0;

// A failed CHECK aborts: say in which seed.
void name_the_seed(int) {
  std::fprintf(stderr, "seed %ld: the engine aborted\n", static_cast<long>(running_seed));
  std::_Exit(1);
}

void print_failure(const Report& report) {
  std::printf("%s", report.trace_tail.c_str());
  std::printf("plan: %s\n", report.plan.c_str());
  std::printf("seed %llu FAILED: checker \"%s\": %s\n",
              static_cast<unsigned long long>(report.seed),
              std::string(report.finding->checker).c_str(), report.finding->text.c_str());
}

void add(Report& total, const Report& report) {
  total.events += report.events;
  total.attempts += report.attempts;
  total.crashes += report.crashes;
  total.commit_faults += report.commit_faults;
  total.deliveries += report.deliveries;
}

Report run_seed(std::uint64_t seed) {
  running_seed = static_cast<std::sig_atomic_t>(seed);
  Report report = World(seed).run();
  if (report.finding || seed % kRepeatedOneIn != 0) return report;
  if (World(seed).run().trace_hash != report.trace_hash) {
    report.finding = Finding{"determinism", "a second run of the seed went another way"};
  }
  return report;
}

int run(const Arguments& arguments) {
  Report total;
  for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    const Report report = run_seed(seed);
    if (report.finding) {
      print_failure(report);
      return 1;
    }
    if (arguments.verbose) {
      std::printf("seed %llu: %llu events, %llu deliveries, %llu attempts, %llu crashes\n",
                  static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(report.events),
                  static_cast<unsigned long long>(report.deliveries),
                  static_cast<unsigned long long>(report.attempts),
                  static_cast<unsigned long long>(report.crashes));
    }
    add(total, report);
  }
  std::printf(
      "%llu seeds passed: %llu events, %llu deliveries, %llu attempts, %llu crashes, "
      "%llu failed commits\n",
      static_cast<unsigned long long>(arguments.last - arguments.first + 1),
      static_cast<unsigned long long>(total.events),
      static_cast<unsigned long long>(total.deliveries),
      static_cast<unsigned long long>(total.attempts),
      static_cast<unsigned long long>(total.crashes),
      static_cast<unsigned long long>(total.commit_faults));
  return 0;
}

}  // namespace
}  // namespace ferry::simulation

int main(int count, char** values) {
  using namespace ferry::simulation;
  const auto arguments = parse(count, values);
  if (!arguments) {
    std::fprintf(stderr, "usage: ferry_simulation --seeds <first>..<last> [--verbose]\n");
    return 2;
  }
  ferry::log::configure({.level = ferry::log::Level::kOff});
  std::signal(SIGABRT, name_the_seed);
  return run(*arguments);
}
