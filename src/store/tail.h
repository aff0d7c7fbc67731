#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "store/commit_run.h"
#include "store/store.h"

namespace ferry::store {

// The rows committed but not yet in the tables: a queue of runs, the newest open. The engine's
// thread publishes, the applier takes the oldest runs and drops them once their transactions are
// committed, and readers look rows up by key in between; so whoever does not find a key here finds
// all there is in the tables. All members may be called by any thread; what they hold the mutex for
// is short.
class Tail {
 public:
  // A run is closed at `run_rows_max` row operations. `last` and `last_id` are those of the tables.
  Tail(std::size_t run_rows_max, Position last, std::int64_t last_id);

  // Adds committed write-sets, the first at position() + 1; `bytes[i]` is the encoded size of
  // `sets[i]`.
  void publish(std::span<const WriteSet> sets, std::span<const std::size_t> bytes);

  Position position() const { return position_.load(std::memory_order_acquire); }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  // The oldest run, closed now if it was open; null when there is none. It stays visible to
  // readers.
  std::shared_ptr<const CommitRun> oldest();
  // Is there a run that is full, so that waiting brings it no more company?
  bool has_full_run() const;
  // The oldest run is in the tables.
  void drop_oldest();

  // What the tail knows of a key; nothing when only the tables can tell. Inside: null or empty for
  // a row that is deleted.
  std::optional<std::optional<Delivery>> delivery(DeliveryId id) const;
  std::optional<MessagePtr> message(MessageId id) const;
  std::optional<DeadLetterPtr> dead_letter(DeadLetterId id) const;
  std::optional<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) const;
  // A message that was put by a run that is here, with its body, also when it was dropped since;
  // null: none.
  MessagePtr put_message(MessageId id) const;

  struct DedupAnswer {
    std::optional<std::optional<DedupRecord>> known;
    std::optional<TimePoint> pruned;  // of the tables' record, if it expired before
  };
  DedupAnswer dedup(TenantId tenant, const DedupKey& key) const;

  // The last event of a delivery, if it is here, with the delivery as it was then and the message
  // if it was put by a run that is here.
  struct LastEvent {
    Delivery delivery;
    EventState state = EventState::kCreated;
    TimePoint time;
    MessagePtr message;
  };
  std::optional<LastEvent> last_event(DeliveryId id) const;

 private:
  CommitRun& open_run();

  const std::size_t run_rows_max_;
  std::atomic<Position> position_;
  std::atomic<std::size_t> bytes_{0};
  mutable std::mutex mutex_;
  std::int64_t last_id_;
  bool newest_open_ = false;
  std::deque<std::shared_ptr<CommitRun>> runs_;  // oldest first
};

}  // namespace ferry::store
