#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace ferry::store {

// What changes about a delivery while it is pending.
struct Progress {
  TimePoint not_before, due_at;
  std::int32_t retried = 0;
  bool cancel_requested = false;
  LaneId lane = kTimeLane;
  DeliveryId slot;

  friend bool operator==(const Progress&, const Progress&) = default;
};
Progress progress_of(const Delivery& delivery);

// An entry as it was committed, after it was merged with others: where its first event stands in
// the order of everything committed (write-set, then number among the events of the write-set;
// lists break ties of time by it), how many events it has, and how far the delivery was.
struct EntryPart {
  Position position = 0;
  std::int64_t number = 0;
  std::size_t events = 0;
  Progress progress;

  friend bool operator==(const EntryPart&, const EntryPart&) = default;
};

// All that one delivery did within a run: the delivery as it was last, events in the order of
// commits.
struct MergedEntry {
  Entry entry;
  std::vector<EntryPart> parts;  // of all events
};

// Where a deduplication record stands in its table.
struct DedupPlace {
  TenantId tenant;
  DedupKey key;
  friend auto operator<=>(const DedupPlace&, const DedupPlace&) = default;
};
struct DedupPlaceHash {
  std::size_t operator()(const DedupPlace& row) const noexcept;
};

// Where a resource stands among all of them.
struct ResourceKey {
  ResourceKind kind = ResourceKind::kQueue;
  TenantId tenant;
  std::string name;
  friend auto operator<=>(const ResourceKey&, const ResourceKey&) = default;
};
ResourceKey key_of(const Resource& resource);

// The netted sum of consecutive write-sets: of every row the last operation only, so that a message
// stored and finished within one run never touches the state file. The tail answers reads from it
// and the applier writes it to the tables. A value without locks: open to `add` while the newest of
// the tail, then closed and read by any thread.
class CommitRun {
 public:
  // `last_id` is the largest id ever put before this run: a row with a larger id is in no table,
  // and dropping it again needs no statement.
  explicit CommitRun(std::int64_t last_id) : last_id_before_(last_id), last_id_(last_id) {}

  // `bytes` is what the write-set weighs in memory, about.
  void add(Position position, const WriteSet& set, std::size_t bytes);

  bool empty() const { return first_ == 0; }
  Position first() const { return first_; }
  Position last() const { return last_; }
  std::int64_t last_id() const { return last_id_; }
  std::size_t operations() const { return operations_; }
  std::size_t bytes() const { return bytes_; }

  // Is there no row of that id in any table?
  bool is_new(std::int64_t id) const { return id > last_id_before_; }

  struct MessageRow {
    MessagePtr put;        // null: only dropped or released
    bool dropped = false;  // from the state file; what was put is filed in history all the same
    // The same, if no delivery refers to it once the deliveries of the run are written. Whoever
    // still has one finds the message all the same.
    bool released = false;
  };
  struct LetterRow {
    DeadLetterPtr put;
    bool dropped = false;
  };
  template <class Key, class Row>
  using Rows = std::pmr::unordered_map<Key, Row>;

  // An empty optional or null is a row that was deleted.
  const Rows<MessageId, MessageRow>& messages() const { return messages_; }
  const Rows<DeliveryId, std::optional<Delivery>>& deliveries() const { return deliveries_; }
  const Rows<DeadLetterId, LetterRow>& letters() const { return letters_; }
  const std::unordered_map<DedupPlace, std::optional<DedupRecord>, DedupPlaceHash>& dedup() const {
    return dedup_;
  }
  const std::map<TenantId, TenantPtr>& tenants() const { return tenants_; }
  const std::map<std::string, std::string>& settings() const { return settings_; }
  const std::map<ResourceKey, std::optional<Resource>>& resources() const { return resources_; }
  // One without held slots is a row that was deleted.
  const std::map<LaneId, Sequence>& sequences() const { return sequences_; }
  // Everything before is deleted, unless it is put above.
  std::optional<TimePoint> letters_pruned() const { return letters_pruned_; }
  std::optional<TimePoint> dedup_pruned() const { return dedup_pruned_; }
  // In the order of their first event.
  const std::vector<MergedEntry>& entries() const { return entries_; }

  // Null when the delivery did nothing in this run.
  const MergedEntry* entry_of(DeliveryId id) const;

 private:
  struct Adder;

  // A row of a message is written once and freed with the run, often by another thread.
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_ =
      std::make_unique<std::pmr::monotonic_buffer_resource>();
  Position first_ = 0, last_ = 0;
  std::int64_t last_id_before_, last_id_;
  std::size_t operations_ = 0, bytes_ = 0;
  Rows<MessageId, MessageRow> messages_{memory_.get()};
  Rows<DeliveryId, std::optional<Delivery>> deliveries_{memory_.get()};
  Rows<DeadLetterId, LetterRow> letters_{memory_.get()};
  std::unordered_map<DedupPlace, std::optional<DedupRecord>, DedupPlaceHash> dedup_;
  std::map<TenantId, TenantPtr> tenants_;
  std::map<std::string, std::string> settings_;
  std::map<ResourceKey, std::optional<Resource>> resources_;
  std::map<LaneId, Sequence> sequences_;
  std::optional<TimePoint> letters_pruned_, dedup_pruned_;
  std::vector<MergedEntry> entries_;
  Rows<DeliveryId, std::size_t> entry_numbers_{memory_.get()};
};

}  // namespace ferry::store
