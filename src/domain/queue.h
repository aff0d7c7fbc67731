#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/delivery.h"

namespace ferry {

// Deliveries in order of acceptance, at most `parallelism` of them started and not finished
// (contract section 3).
struct Queue {
  TenantId tenant;
  std::string name;
  TimePoint created_at;
  TimePoint updated_at;
  std::int32_t parallelism = 1;
  bool paused = false;

  friend bool operator==(const Queue&, const Queue&) = default;
};

using QueuePtr = std::shared_ptr<const Queue>;

// A slot of a sequence that outlives an attempt: its delivery waits for a retry, or callbacks of it
// are not finished yet. `left` deliveries have to end before the slot is free.
struct HeldSlot {
  DeliveryId root;  // whose slot it is
  std::int32_t left = 0;

  friend bool operator==(const HeldSlot&, const HeldSlot&) = default;
};

// The row of a sequence (a queue, or one ordering key) while it has such slots. A slot whose only
// user is a first attempt needs no row: after a crash that delivery is the first in its lane again.
struct Sequence {
  LaneId lane = kTimeLane;
  TenantId tenant;
  std::vector<HeldSlot> held;

  friend bool operator==(const Sequence&, const Sequence&) = default;
};

}  // namespace ferry
