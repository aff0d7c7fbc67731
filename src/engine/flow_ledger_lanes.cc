// The part of the flow ledger that minds what is parked in lanes, and how much of a line is held in
// memory.

#include <algorithm>

#include "engine/flow_ledger.h"

namespace ferry::engine {
namespace {

constexpr std::uint32_t kLaneLoadRows = 500;
// Of a strict line beyond what may start at once: enough to go on while a load is under way, few
// enough that ten thousand queues fit the window.
constexpr std::uint32_t kStrictReadyMin = 2;

}  // namespace

void FlowLedger::parked(LaneId id, store::LanePlace place) {
  Line& line = lines_[id];
  const store::LanePlace from{place.due_at, DeliveryId{place.id.value - 1}};
  line.lane_from = line.lane_from ? std::min(*line.lane_from, from) : from;
  lanes_with_rows_.insert(id);
}

std::vector<store::LaneQuery> FlowLedger::wanted_loads(std::uint32_t room) {
  std::vector<store::LaneQuery> wanted;
  auto it = lanes_with_rows_.upper_bound(lane_asked_);
  for (std::size_t left = lanes_with_rows_.size(); left > 0 && room > 0; --left) {
    if (it == lanes_with_rows_.end()) it = lanes_with_rows_.begin();
    const LaneId id = *it++;
    Line& line = lines_.at(id);
    const std::uint32_t most = ready_limit(line, room);
    const std::uint32_t low = most / 2;
    if (line.loading || line.rule.blocked || most == 0 || line.ready() > low) continue;
    const std::uint32_t rows = std::min({kLaneLoadRows, low + 1, room});
    wanted.push_back(
        {.lane = id, .after = *line.lane_from, .until = TimePoint::max(), .rows_max = rows});
    room -= rows;
    line.loading = true;
    line.lane_from.reset();  // rows parked from here on are seen by parked()
    lanes_with_rows_.erase(id);
    lane_asked_ = id;
  }
  return wanted;
}

void FlowLedger::loaded(LaneId id, const store::LaneSlice& slice) {
  Line& line = lines_.at(id);
  line.loading = false;
  if (!slice.complete && !slice.rows.empty()) {
    const Delivery& last = slice.rows.back().delivery;
    parked(id, {last.due_at, DeliveryId{last.id.value + 1}});
  }
  drop_if_idle(id);
}

void FlowLedger::load_failed(LaneId id) {
  lines_.at(id).loading = false;
  found_lane(id);
}

// One line may take a quarter of what is left: the window never fills up with those that wait for
// a slow host, and there is always room for one. A strict line needs only what may start soon.
std::uint32_t FlowLedger::ready_limit(const Line& line, std::uint32_t room) const {
  std::uint32_t most = ready_max_;
  if (line.strict()) {
    const auto slots = static_cast<std::uint32_t>(std::max(line.rule.slots, 0));
    most = line.rule.kind == LineKind::kSequence ? std::min(most, kStrictReadyMin + 2 * slots)
                                                 : std::min(most, kLaneLoadRows);
  }
  // Those behind a full sequence must not keep the very deliveries out that hold its slots.
  const bool full = line.rule.kind == LineKind::kSequence && !line.permit.free_slot();
  if (full) return line.given_back ? 0 : std::min(room / 8, most);
  return std::clamp(room / 4, 1u, most);
}

}  // namespace ferry::engine
