#include "engine/slots.h"

#include "base/check.h"

namespace ferry::engine {

void Slots::recover(const Sequence& sequence) {
  Taken& taken = taken_[sequence.lane];
  taken.tenant = sequence.tenant;
  for (const HeldSlot& held : sequence.held) taken.slots[held.root] = {held.left, true};
}

bool Slots::holds(LaneId sequence, DeliveryId root) const {
  const auto it = taken_.find(sequence);
  return it != taken_.end() && it->second.slots.contains(root);
}

void Slots::grant(TenantId tenant, LaneId sequence, DeliveryId root) {
  Taken& taken = taken_[sequence];
  taken.tenant = tenant;
  CHECK(taken.slots.try_emplace(root).second);
}

void Slots::keep(LaneId sequence, DeliveryId root) {
  Slot& kept = slot(sequence, root);
  if (kept.stored) return;
  kept.stored = true;
  taken_.at(sequence).changed = true;
}

void Slots::share(LaneId sequence, DeliveryId root) {
  Slot& shared = slot(sequence, root);
  ++shared.left;
  shared.stored = true;
  taken_.at(sequence).changed = true;
}

bool Slots::leave(LaneId sequence, DeliveryId root) {
  Taken& taken = taken_.at(sequence);
  Slot& left = slot(sequence, root);
  if (left.stored) taken.changed = true;
  if (--left.left > 0) return false;
  taken.slots.erase(root);
  if (taken.slots.empty() && !taken.changed) taken_.erase(sequence);
  return true;
}

std::optional<Sequence> Slots::take_changed(LaneId sequence) {
  const auto it = taken_.find(sequence);
  if (it == taken_.end() || !it->second.changed) return std::nullopt;
  it->second.changed = false;
  Sequence row = row_of(sequence, it->second);
  if (it->second.slots.empty()) taken_.erase(it);
  return row;
}

std::vector<Sequence> Slots::stored() const {
  std::vector<Sequence> rows;
  for (const auto& [lane, taken] : taken_) {
    Sequence row = row_of(lane, taken);
    if (!row.held.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

Slots::Slot& Slots::slot(LaneId sequence, DeliveryId root) {
  return taken_.at(sequence).slots.at(root);
}

Sequence Slots::row_of(LaneId lane, const Taken& taken) {
  Sequence row{.lane = lane, .tenant = taken.tenant, .held = {}};
  for (const auto& [root, slot] : taken.slots) {
    if (slot.stored) row.held.push_back({root, slot.left});
  }
  return row;
}

}  // namespace ferry::engine
