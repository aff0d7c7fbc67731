#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/claim.h"
#include "engine/engine.h"
#include "store/store.h"

namespace ferry::engine {

// Where a delivery that is held in memory stands.
enum class Phase : std::uint8_t {
  kWaiting,  // for its time
  kReady,    // due; in the flow ledger
  kFlying,   // an attempt runs
};

struct Held {
  Delivery delivery;
  MessagePtr message;
  Phase phase = Phase::kWaiting;
  LaneId line = kTimeLane;     // of the flow ledger, from kReady on
  TimePoint since;             // from kReady on: when it came to stand in its line
  Claim claim;                 // from kFlying on
  TimePoint started_at;        // from kFlying on
  std::uint64_t start = 0;     // of the attempt that started last, as StartAttempt::start
  bool active_logged = false;  // this attempt already has its ACTIVE event
};

// The bounded window of memory over the durable due table.
//
// Invariant: every row of lane 0 whose place is at or before the horizon is held; rows beyond it
// are only in the store, until a load moves the horizon. What does not fit or is due too late to be
// held is not, and the horizon steps back before it, so memory never depends on how many deliveries
// are pending.
//
// A load that finds nothing is followed by one that asks for the first row of all behind it: the
// horizon moves up to that row, or to the end of time, and nothing is read again before then.
class DueIndex {
 public:
  explicit DueIndex(const Options& options) : options_(options) {}

  Held* find(DeliveryId id);

  // Offers a row of lane 0 that was just written. Returns the held delivery, or null when it lies
  // beyond the horizon, is not due soon or there is no room: a load will bring it back in time.
  Held* offer(Delivery delivery, MessagePtr message, TimePoint now);

  // Holds a row whatever the horizon and the room say.
  Held& hold(Delivery delivery, MessagePtr message);

  // Forgets a delivery: it ended, or only its row is to be kept.
  void release(DeliveryId id);

  // Moves a held delivery to kWaiting at its new due time, if it is near enough; else releases it.
  void wait_again(Held& held, TimePoint now);

  // The held deliveries of a tenant that are due and wait for a free slot, ascending by id.
  std::vector<Held*> ready_of(TenantId tenant) { return held_of(tenant, Phase::kReady); }
  // Those of a tenant that an attempt runs for, ascending by id.
  std::vector<Held*> flying_of(TenantId tenant) { return held_of(tenant, Phase::kFlying); }

  // Ends the wait of everything due at `now`, in order of place.
  std::vector<Held*> take_due(TimePoint now);

  // The next load that lane 0 needs, or nothing while one is under way, the window is full or all
  // is loaded far enough ahead. The caller must send it.
  std::optional<store::LaneQuery> wanted_load(TimePoint now);

  // The answer of that load; `skip` tells rows that changed since it was read.
  template <class Skip>
  void loaded(const store::LaneSlice& slice, const Skip& skip) {
    const auto left = looking_further() ? first_of(slice) : hold_rows(slice, skip);
    if (left) step_back(*left);
    finish_load(slice);
  }
  // Holds the rows of a slice that are neither held already nor to be skipped, as far as there is
  // room. Returns the place of the first one that did not fit: it and all behind it are only in the
  // store.
  template <class Skip>
  std::optional<store::LanePlace> hold_rows(const store::LaneSlice& slice, const Skip& skip) {
    for (const store::LoadedDelivery& row : slice.rows) {
      const Delivery& delivery = row.delivery;
      if (skip(delivery.id) || find(delivery.id) != nullptr) continue;
      if (!has_room()) return store::LanePlace{delivery.due_at, delivery.id};
      hold(delivery, row.message);
    }
    return std::nullopt;
  }
  void load_failed();

  // The next moment at which take_due or wanted_load may have something.
  TimePoint next_wake(TimePoint now) const;

  bool has_room() const {
    return held_.size() < options_.window_rows_max && bytes_ < options_.window_bytes_max;
  }
  // How many more deliveries may be held; what is left for bodies counts as rows of the
  // size that those held have on average, or that the window is made for.
  std::uint32_t room() const;
  std::size_t bytes_left() const { return options_.window_bytes_max - bytes_; }  // with has_room()
  std::size_t size() const { return held_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Held*> held_of(TenantId tenant, Phase phase);
  static std::optional<store::LanePlace> first_of(const store::LaneSlice& slice);
  // The load under way asks what the store holds behind the horizon, however late it is due.
  bool looking_further() const { return loading_until_ == TimePoint::max(); }
  TimePoint next_load_at() const;
  void step_back(store::LanePlace place);
  void finish_load(const store::LaneSlice& slice);

  const Options& options_;
  std::unordered_map<DeliveryId, Held> held_;
  std::set<store::LanePlace> waiting_;
  std::size_t bytes_ = 0;
  store::LanePlace horizon_{};                     // everything up to here is held
  std::optional<TimePoint> loading_until_;         // a load is under way, up to then
  std::optional<store::LanePlace> not_held_from_;  // during a load: the first row left out
  bool look_further_ = false;                      // the last load found nothing
};

}  // namespace ferry::engine
