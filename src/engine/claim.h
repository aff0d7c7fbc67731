#pragma once

#include <cstdint>

#include "base/time.h"
#include "domain/delivery.h"

namespace ferry::engine {

// What a running attempt holds until it ends: a slot of the server, of its host and, where it has
// one, of its flow key.
struct Claim {
  TenantId tenant;
  LaneId host = kTimeLane;
  LaneId flow_key = kTimeLane;  // the line of its flow key; kTimeLane: it has none
  std::uint32_t window = 0;     // of the flow key, that the start was counted in
  bool slow = false;            // it counts against the shares
};

// How an attempt ended, as its host sees it.
enum class AttemptEnd : std::uint8_t {
  kQuickAnswer,  // within `slow_after`
  kSlowAnswer,
  kNoAnswer,  // a failure without an answer, or cut, or not started
};

}  // namespace ferry::engine
