#include "budget/meter.h"

#include <unistd.h>
#include <valgrind/callgrind.h>

#include <cstddef>
#include <cstdio>

namespace ferry::budget {

void Meter::start() {
  started_ = true;
  phase_ = Phase::kPeers;
  allocations_seen_ = allocations_so_far();
  tell();
}

void Meter::stop() {
  enter(Phase::kPeers);
  started_ = false;
  for (std::size_t i = 0; i < kPhaseNames.size(); ++i) {
    std::printf("allocations %s %llu\n", kPhaseNames[i].data(),
                static_cast<unsigned long long>(allocations_[i]));
  }
}

void Meter::enter(Phase phase) {
  if (!started_ || phase == phase_) {
    phase_ = phase;
    return;
  }
  const std::uint64_t now = allocations_so_far();
  allocations_[static_cast<std::size_t>(phase_)] += now - allocations_seen_;
  allocations_seen_ = now;
  phase_ = phase;
  tell();
}

// `run` reads both forms: what follows the name of a phase, up to the next, belongs to that phase.
void Meter::tell() const {
  const std::string_view name = kPhaseNames[static_cast<std::size_t>(phase_)];
  if (counter_ == Counter::kCallgrind) {
    VALGRIND_PRINTF("phase %s\n", name.data());
    VALGRIND_MONITOR_COMMAND("status internal");
  } else if (counter_ == Counter::kSystemCalls) {
    // Fails with EBADF, as it should.
    [[maybe_unused]] const ssize_t failed = ::write(-1, name.data(), name.size());
  }
}

}  // namespace ferry::budget
