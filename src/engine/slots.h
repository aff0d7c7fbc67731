#pragma once

#include <map>
#include <optional>
#include <vector>

#include "domain/queue.h"

namespace ferry::engine {

// Which deliveries hold the slots of sequences (queues and ordering keys). A slot is taken by the
// delivery that starts, its root, and shared by its callbacks; it is free when all of them ended.
//
// Only what outlives an attempt is stored: a root that waits for its retry, and callbacks. A root
// in its first attempt is, after a crash, simply the first of its lane again.
class Slots {
 public:
  void recover(const Sequence& sequence);

  bool holds(LaneId sequence, DeliveryId root) const;
  void grant(TenantId tenant, LaneId sequence, DeliveryId root);
  // The root goes on after its attempt ended: the slot is stored from now on.
  void keep(LaneId sequence, DeliveryId root);
  // One more delivery shares the slot; stored from now on.
  void share(LaneId sequence, DeliveryId root);
  // One that held it ended. True when the slot is free now.
  bool leave(LaneId sequence, DeliveryId root);

  // The row to store, if what is stored of the sequence changed since this was asked last.
  std::optional<Sequence> take_changed(LaneId sequence);

  // All that is stored, ascending by lane.
  std::vector<Sequence> stored() const;

 private:
  struct Slot {
    std::int32_t left = 1;
    bool stored = false;
  };
  struct Taken {
    TenantId tenant;
    std::map<DeliveryId, Slot> slots;
    bool changed = false;
  };

  Slot& slot(LaneId sequence, DeliveryId root);
  static Sequence row_of(LaneId lane, const Taken& taken);

  std::map<LaneId, Taken> taken_;
};

}  // namespace ferry::engine
