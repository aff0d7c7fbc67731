#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// Says which phase of a message the driver is in, so that what is counted goes to that phase.

namespace ferry::budget {

enum class Phase : std::uint8_t {
  kPeers,    // the driver itself, the callers and the receiver: no part of a message's cost
  kAccept,   // bytes of a request in -> bytes of its answer out, without the commit
  kDeliver,  // due -> request out -> answer in -> outcome recorded, without the commit
  kCommit,   // Store::commit: encoding, journal, sync, tail
  kApply,    // the tail into the tables
};
inline constexpr std::array<std::string_view, 5> kPhaseNames = {"peers", "accept", "deliver",
                                                                "commit", "apply"};

// How phases are told to what counts.
enum class Counter : std::uint8_t {
  kNone,         // allocations alone, which the driver counts itself
  kCallgrind,    // asks callgrind for its counts at every change of phase
  kSystemCalls,  // a failing write to descriptor -1 names the phase, for strace
};

// One thread.
class Meter {
 public:
  explicit Meter(Counter counter) : counter_(counter) {}

  // Nothing is counted before start().
  void start();
  // Prints what this process counted itself, one line a phase.
  void stop();

  void enter(Phase phase);
  Phase phase() const { return phase_; }

 private:
  void tell() const;

  Counter counter_;
  bool started_ = false;
  Phase phase_ = Phase::kPeers;
  std::uint64_t allocations_seen_ = 0;
  std::array<std::uint64_t, kPhaseNames.size()> allocations_{};
};

// In a phase until the end of the scope, then back in the one before.
class PhaseScope {
 public:
  PhaseScope(Meter& meter, Phase phase) : meter_(meter), before_(meter.phase()) {
    meter_.enter(phase);
  }
  ~PhaseScope() { meter_.enter(before_); }
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;

 private:
  Meter& meter_;
  Phase before_;
};

// Calls of malloc, calloc, realloc and operator new so far, C libraries included (allocations.cc).
std::uint64_t allocations_so_far();

}  // namespace ferry::budget
