#include "engine/flow_ledger.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"

namespace ferry::engine {
namespace {

// Seeds that keep queues of different kinds apart. Lane ids are stored: never change these.
constexpr std::uint64_t kHostSeed = 1;
constexpr std::uint64_t kPausedSeed = 2;
constexpr std::uint32_t kLaneLoadRows = 500;

// Lane 0 is "only time"; a hash that happens to be 0 steps aside.
LaneId lane_id(std::uint64_t hash) { return hash == kTimeLane ? 1 : hash; }

}  // namespace

LaneId FlowLedger::host_queue(std::string_view host) {
  return lane_id(stable_hash(host, kHostSeed));
}

LaneId FlowLedger::paused_queue(TenantId tenant) {
  return lane_id(stable_hash(std::to_string(tenant.value), kPausedSeed));
}

bool FlowLedger::add(LaneId id, Ready ready, std::uint32_t room) {
  Queue& queue = queues_[id];
  const bool full = !ready.from_lane && queue.ready() >= ready_limit(room);
  if (queue.blocked || full) return false;
  (ready.retry ? queue.retries : queue.first_tries).push_back(ready.id);
  give_turn(id, queue);
  return true;
}

void FlowLedger::set_blocked(LaneId id, bool blocked) {
  Queue& queue = queues_[id];
  queue.blocked = blocked;
  give_turn(id, queue);
  drop_if_idle(id);
}

std::optional<DeliveryId> FlowLedger::next(LaneId& id) {
  while (!turn_.empty()) {
    id = turn_.front();
    turn_.pop_front();
    Queue& queue = queues_.at(id);
    queue.in_turn = false;
    if (!eligible(queue)) {
      drop_if_idle(id);
      continue;
    }
    std::deque<DeliveryId>& from = queue.first_tries.empty() ? queue.retries : queue.first_tries;
    const DeliveryId delivery = from.front();
    from.pop_front();
    ++queue.in_flight;
    give_turn(id, queue);
    return delivery;
  }
  return std::nullopt;
}

void FlowLedger::ended(LaneId id) {
  Queue& queue = queues_.at(id);
  CHECK(queue.in_flight > 0);
  --queue.in_flight;
  give_turn(id, queue);
  drop_if_idle(id);
}

void FlowLedger::forget(LaneId id, DeliveryId delivery) {
  Queue& queue = queues_.at(id);
  std::erase(queue.first_tries, delivery);
  std::erase(queue.retries, delivery);
  drop_if_idle(id);
}

std::vector<DeliveryId> FlowLedger::heads() const {
  std::vector<DeliveryId> heads;
  for (const auto& [id, queue] : queues_) {
    if (!queue.first_tries.empty()) heads.push_back(queue.first_tries.front());
    if (!queue.retries.empty()) heads.push_back(queue.retries.front());
  }
  return heads;
}

void FlowLedger::parked(LaneId id, store::LanePlace place) {
  Queue& queue = queues_[id];
  const store::LanePlace from{place.due_at, DeliveryId{place.id.value - 1}};
  queue.lane_from = queue.lane_from ? std::min(*queue.lane_from, from) : from;
  lanes_with_rows_.insert(id);
}

std::vector<store::LaneQuery> FlowLedger::wanted_loads(std::uint32_t room) {
  std::vector<store::LaneQuery> wanted;
  auto it = lanes_with_rows_.upper_bound(lane_asked_);
  for (std::size_t left = lanes_with_rows_.size(); left > 0 && room > 0; --left) {
    if (it == lanes_with_rows_.end()) it = lanes_with_rows_.begin();
    const LaneId id = *it++;
    Queue& queue = queues_.at(id);
    const std::uint32_t low = ready_limit(room) / 2;
    if (queue.loading || queue.blocked || queue.ready() > low) continue;
    const std::uint32_t rows = std::min({kLaneLoadRows, low + 1, room});
    wanted.push_back(
        {.lane = id, .after = *queue.lane_from, .until = TimePoint::max(), .rows_max = rows});
    room -= rows;
    queue.loading = true;
    queue.lane_from.reset();  // rows parked from here on are seen by parked()
    lanes_with_rows_.erase(id);
    lane_asked_ = id;
  }
  return wanted;
}

void FlowLedger::loaded(LaneId id, const store::LaneSlice& slice) {
  Queue& queue = queues_.at(id);
  queue.loading = false;
  if (!slice.complete && !slice.rows.empty()) {
    const Delivery& last = slice.rows.back().delivery;
    parked(id, {last.due_at, DeliveryId{last.id.value + 1}});
  }
  drop_if_idle(id);
}

void FlowLedger::load_failed(LaneId id) {
  queues_.at(id).loading = false;
  found_lane(id);
}

// One queue may take a quarter of what is left: the window never fills up with those that wait for
// a slow host, and there is always room for one.
std::uint32_t FlowLedger::ready_limit(std::uint32_t room) const {
  return std::clamp(room / 4, 1u, ready_max_);
}

bool FlowLedger::eligible(const Queue& queue) const {
  return !queue.blocked && queue.ready() > 0 && queue.in_flight < in_flight_max_;
}

void FlowLedger::give_turn(LaneId id, Queue& queue) {
  if (queue.in_turn || !eligible(queue)) return;
  queue.in_turn = true;
  turn_.push_back(id);
}

void FlowLedger::drop_if_idle(LaneId id) {
  const auto it = queues_.find(id);
  if (it == queues_.end()) return;
  const Queue& queue = it->second;
  const bool idle = queue.ready() == 0 && queue.in_flight == 0 && !queue.blocked &&
                    !queue.in_turn && !queue.lane_from && !queue.loading;
  if (idle) queues_.erase(it);
}

}  // namespace ferry::engine
