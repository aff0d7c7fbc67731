#pragma once

#include <cstdint>
#include <string>

#include "engine/protocol.h"
#include "simulation/plan.h"

// What checkers are told, as it happens. References live for the time of the telling.

namespace ferry::simulation {

using CallId = std::uint64_t;  // the slot that its reply carries

struct CallMade {
  TimePoint now;
  CallId call = 0;
  const engine::Command& command;
};

struct CallAnswered {
  TimePoint now;
  CallId call = 0;
  const engine::Answer& answer;
};

// Nobody knows what became of the call: its process ended, or its commit failed.
struct CallLost {
  CallId call = 0;
};

// A write-set became durable.
struct SetStored {
  TimePoint now;
  const store::WriteSet& set;
  bool room = true;  // what the store says about its disk
};

// A read of a lane succeeded.
struct LaneRead {
  LaneId lane = kTimeLane;
};

struct AttemptStarted {
  TimePoint now;
  const engine::StartAttempt& attempt;
};

// The engine is about to see this outcome, in its next step.
struct AttemptReported {
  TimePoint now;
  const engine::RecordOutcome& record;
};

// The engine is about to see, in its next step, that this attempt did not start.
struct AttemptNotStarted {
  TimePoint now;
  const engine::NotStarted& said;
};

// The engine is about to see, in its next step, which address a running attempt goes to.
struct AttemptAddressed {
  const engine::AttemptAddress& told;
};

// An attempt that ran is to be cut.
struct AttemptCut {
  TimePoint now;
  const engine::CutAttempt& cut;
};

struct StepMade {
  TimePoint now;
  std::uint32_t budget = 0;
  std::uint32_t started = 0;
  std::uint32_t in_flight = 0;
  bool quiet = false;  // no read and no command is on its way to it
  TimePoint wake_at;   // when it wants to be called again
  const Metrics& metrics;
};

// An engine ended. `fingerprint` is empty when its last commit failed.
struct LifeEnded {
  std::string fingerprint;
  std::string rows;
};

struct LifeBegan {
  std::string fingerprint;
  std::string rows;
};

// Nothing is under way any more.
struct RunEnded {
  TimePoint now;
  store::Store& store;
  std::string rows;
  const Metrics& metrics;
};

}  // namespace ferry::simulation
