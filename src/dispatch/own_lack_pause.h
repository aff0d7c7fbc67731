#pragma once

#include <array>

#include "base/errors.h"
#include "base/random.h"
#include "base/time.h"
#include "engine/protocol.h"

namespace ferry::dispatch {

// What the engine is told of an error that is_own_lack(); kBusy for any other.
engine::NotStartedReason not_started_reason(ErrorCode code);

// When an attempt that could not start for the server's own lack is tried again: after 100 ms, and
// while the lack lasts and no attempt ends after ever longer pauses of up to 5 s, each drawn out by
// up to a half at random. One thread.
class OwnLackPause {
 public:
  explicit OwnLackPause(std::uint64_t seed) : random_(seed) {}

  // An attempt has ended, so what it held is free: the next pauses are short again.
  void note_end() { lacks_ = {}; }

  TimePoint end_after(engine::NotStartedReason reason, TimePoint now);

 private:
  struct Lack {
    TimePoint since{};  // of the present pause
    Duration pause{0};  // zero: none yet
  };
  std::array<Lack, engine::kNotStartedReasons> lacks_{};
  Random random_;
};

}  // namespace ferry::dispatch
