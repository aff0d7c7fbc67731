#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/delivery.h"
#include "store/store.h"

namespace ferry::engine {

// Who is eligible next. Ready deliveries stand in one queue per destination host; queues take
// turns, so a slow or dead host delays nobody else, and within a queue first tries go before
// retries.
//
// A queue keeps a bounded number of deliveries in memory, fewer the less room the window has, and
// none while it is blocked. The rest is parked in the store's lane of the same id and comes back in
// slices when the queue runs low: a million rows for a dead host cost an index, not memory, and a
// dozen dead hosts do not fill the window that all others need.
class FlowLedger {
 public:
  FlowLedger(std::uint32_t in_flight_max, std::uint32_t ready_max)
      : in_flight_max_(in_flight_max), ready_max_(ready_max) {}

  // The queue of deliveries to `host`; also the id of its lane.
  static LaneId host_queue(std::string_view host);
  // The queue of a tenant whose deliveries are paused. Nothing in it starts.
  static LaneId paused_queue(TenantId tenant);

  // A delivery that is ready. One that the queue's own lane gave back has its place already: were
  // it parked again for lack of room, it would be read and parked for ever.
  struct Ready {
    DeliveryId id;
    bool retry = false;
    bool from_lane = false;
  };
  // It joins; false when the queue is full or blocked and it must be parked instead. `room` is what
  // the window could still take.
  [[nodiscard]] bool add(LaneId queue, Ready ready, std::uint32_t room);

  // Holds a queue back, or lets it go on. Who stands in it while it is blocked does not start.
  void set_blocked(LaneId queue, bool blocked);

  // The next delivery to start, counted as in flight; nothing when none is eligible.
  std::optional<DeliveryId> next(LaneId& queue);

  // An attempt of the queue ended.
  void ended(LaneId queue);

  // `id` left the queue without having started.
  void forget(LaneId queue, DeliveryId id);

  // The oldest waiting delivery of each queue.
  std::vector<DeliveryId> heads() const;

  // ---- the lanes behind the queues ----
  // A row was parked in the lane of `queue`.
  void parked(LaneId queue, store::LanePlace place);
  // Rows are known to be in the lane, from the start.
  void found_lane(LaneId queue) { parked(queue, store::LanePlace{}); }
  // The lanes that should be loaded from now, taking turns for the `room` rows that the window can
  // take; each is returned once until loaded() answers it.
  std::vector<store::LaneQuery> wanted_loads(std::uint32_t room);
  void loaded(LaneId queue, const store::LaneSlice& slice);
  void load_failed(LaneId queue);

 private:
  struct Queue {
    std::deque<DeliveryId> first_tries;
    std::deque<DeliveryId> retries;
    std::uint32_t in_flight = 0;
    bool blocked = false;
    bool in_turn = false;                       // stands in turn_
    std::optional<store::LanePlace> lane_from;  // the lane may hold rows after this place
    bool loading = false;

    std::size_t ready() const { return first_tries.size() + retries.size(); }
  };

  std::uint32_t ready_limit(std::uint32_t room) const;
  bool eligible(const Queue& queue) const;
  void give_turn(LaneId id, Queue& queue);
  void drop_if_idle(LaneId id);

  std::uint32_t in_flight_max_;
  std::uint32_t ready_max_;
  std::unordered_map<LaneId, Queue> queues_;
  std::set<LaneId> lanes_with_rows_;  // queues whose lane_from is set
  LaneId lane_asked_ = kTimeLane;     // the lane loaded last; the next ones come first
  std::deque<LaneId> turn_;           // eligible queues, each once
};

}  // namespace ferry::engine
