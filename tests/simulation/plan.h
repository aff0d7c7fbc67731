#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "engine/engine.h"

namespace ferry::simulation {

// How the receivers behind one host behave.
enum class HostKind : std::uint8_t {
  kGood,     // answers 200
  kFlaky,    // fails every second time or so
  kSlow,     // answers 200 after seconds
  kDead,     // never answers: a timeout
  kPicky,    // often says that trying again is useless
  kLimiter,  // fails and says when to come back
  kHung,     // answers quickly for a while, then accepts and never answers: a long timeout
};

// How much clients use besides plain messages: a chance in percent for each message, or each call.
struct Mix {
  std::uint32_t queues = 0;
  std::uint32_t ordering_keys = 0;
  std::uint32_t flow_keys = 0;
  std::uint32_t groups = 0;
  std::uint32_t functions = 0;       // calls that save or invoke one
  std::uint32_t resource_calls = 0;  // that change queues, keys, groups and schedules
  std::uint32_t names = 1;           // of each kind, that clients draw from
};

// What a seed decides before anything happens. Windows are tiny, so that everything overflows all
// the time; a chance of 0 means never, n means once in n.
struct Plan {
  explicit Plan(Random& random);

  engine::Options options;
  std::vector<HostKind> hosts;
  Mix mix;
  std::uint32_t calls = 0;         // that clients make in the safety phase
  Duration call_gap_max{0};        // between two of them
  std::uint32_t capacity_max = 0;  // attempts that the dispatcher runs at once
  std::uint32_t dedup_keys = 0;    // that clients draw from
  std::uint64_t crash_one_in = 0;  // events
  std::uint64_t commit_fault_one_in = 0;
  std::uint64_t read_fault_one_in = 0;
  std::uint64_t not_started_one_in = 0;  // attempts that the dispatcher lacks something for
  std::uint64_t jump_one_in = 0;         // events: the clock jumps forward
  Duration jump_max{0};
  Duration down_max{0};                // between a crash and the restart
  std::uint64_t full_disk_one_in = 0;  // events: has_room() turns false, or true again
  Duration read_delay_max{0};          // until a load reads, and again until its answer arrives
};

std::string_view name_of(HostKind kind);

}  // namespace ferry::simulation
