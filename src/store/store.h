#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/queries.h"
#include "store/write_set.h"

namespace ferry::store {

// How far the store has come: ascends by one with every write-set.
using Position = std::uint64_t;

// A place in the order of a lane: (due_at, id).
struct LanePlace {
  TimePoint due_at;
  DeliveryId id;
  friend auto operator<=>(const LanePlace&, const LanePlace&) = default;
};

struct LaneQuery {
  LaneId lane = kTimeLane;
  LanePlace after;  // exclusive
  TimePoint until;  // inclusive, on due_at
  std::uint32_t rows_max = 1000;
  std::size_t bytes_max = 16u << 20;  // of message bodies; at least one row is returned
};

struct LaneSlice {
  std::vector<LoadedDelivery> rows;  // ascending by place
  bool complete = false;             // nothing else up to `until`
};

// What the engine needs to start: no lists, nothing counted.
struct Catalog {
  std::vector<TenantPtr> tenants;
  std::map<std::string, std::string> settings;
  std::vector<LaneId> lanes;          // lanes other than 0 that hold rows
  std::optional<TimePoint> next_due;  // the earliest due_at in lane 0
  std::int64_t last_id = 0;           // the largest id ever put, of any kind that IdSequence makes
  std::vector<Resource> resources;    // but the bodies of schedules
  std::vector<Sequence> sequences;    // that have held slots
  std::vector<DedupKey> dedup_keys;   // not expired
  std::string id_secret;              // of IdCodec, made with the store
  std::string store_id;
};

struct Totals {
  std::int64_t deliveries = 0;
  std::int64_t dead_letters = 0;
  Position position = 0;  // the moment counted
};

// Whether a dead letter is read with a large body of its message.
enum class LargeBodies : std::uint8_t { kLeftOut, kRead };

// One of the two virtual seams. `commit` belongs to the engine's thread; every read may come from
// any thread, at the same time as commits. A read sees every write-set committed before it began.
class Store {
 public:
  virtual ~Store() = default;

  // Makes all sets durable with one sync, in order, each atomic alone, and returns the position of
  // the last. kDiskFull when there is no room and nothing was written: the store stays usable. Any
  // other error is final: the caller ends and a fresh engine recovers.
  virtual Result<Position> commit(std::span<const WriteSet> sets) = 0;

  // False while the disk or the journal is nearly full: new work is to be refused, outcomes commit.
  virtual bool has_room() const = 0;

  // The position of the last commit.
  virtual Position position() const = 0;

  // Waits until lists see everything committed so far.
  virtual Result<void> barrier() = 0;

  virtual Result<Catalog> catalog(TimePoint now) = 0;
  virtual Result<Totals> totals() = 0;

  // Their messages come without large bodies (limits::kBodyHeldMax); everything else that has
  // messages in it brings them whole.
  virtual Result<std::optional<LoadedDelivery>> delivery(DeliveryId id) = 0;
  virtual Result<LaneSlice> lane(const LaneQuery& query) = 0;
  // A piece of the large body of a pending message: from `offset` on, at least one byte and at most
  // `bytes_max`, fewer where the store's own pieces end. Nothing is held between two calls.
  // kNotFound: the message is gone, or its body does not reach so far.
  virtual Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) = 0;
  virtual Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) = 0;
  // Null: there is none.
  virtual Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) = 0;
  // Null: unknown.
  virtual Result<DeadLetterPtr> dead_letter(DeadLetterId id, LargeBodies bodies) = 0;

  // A delivery that is pending, or ended after `finished_after`.
  virtual Result<std::optional<MessageView>> message_view(DeliveryId id,
                                                          TimePoint finished_after) = 0;

  // Pages; kInvalidFilter for a cursor that this store did not make. They wait for a barrier.
  virtual Result<EventPage> events(const PageRequest& page) = 0;
  virtual Result<DeadLetterPage> dead_letters(const PageRequest& page) = 0;
  // What is pending, ordered by id; the times of the filter look at the creation.
  virtual Result<MessagePage> messages(const PageRequest& page) = 0;

  // Rows of each lane, in the order asked for; those of a delivery whose attempt runs are counted
  // too. Waits for a barrier.
  virtual Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes) = 0;
  // Deliveries of each sequence that have not ended, wherever they wait; callbacks are not counted.
  virtual Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences) = 0;
};

}  // namespace ferry::store
