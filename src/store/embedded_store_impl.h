#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/applier.h"
#include "store/checkpointer.h"
#include "store/data_folder.h"
#include "store/disk_room.h"
#include "store/embedded_reads.h"
#include "store/embedded_store.h"
#include "store/journal.h"
#include "store/records.h"

namespace ferry::store {

// The embedded store over a journal that writes with `File` (journal.h). What it is made of:
//
//   commit -> Journal -> Tail -> Applier -> SqliteTables        reads: Tail, then SqliteTables
//                 ^------ synced position ------ Checkpointer
//
// A commit is in the tail only after the journal's sync, so nothing can be read, and nothing be
// applied, that is not durable.
template <class File>
class BasicEmbeddedStore final : public EmbeddedStore {
 public:
  using System = typename File::System;

  static Result<std::unique_ptr<BasicEmbeddedStore>> open(EmbeddedOptions options, Metrics& metrics,
                                                          std::shared_ptr<System> system);
  ~BasicEmbeddedStore() override;

  Result<Position> commit(std::span<const WriteSet> sets) override;
  bool has_room() const override;
  Position position() const override { return tail_->position(); }

  Result<void> barrier() override { return reads_->barrier(); }
  Result<Catalog> catalog(TimePoint now) override { return reads_->catalog(now); }
  Result<Totals> totals() override { return reads_->totals(); }
  Result<std::optional<LoadedDelivery>> delivery(DeliveryId id) override {
    return reads_->delivery(id);
  }
  Result<LaneSlice> lane(const LaneQuery& query) override { return reads_->lane(query); }
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) override {
    return reads_->dedup(tenant, key);
  }
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) override {
    return reads_->schedule_body(tenant, schedule);
  }
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) override {
    return reads_->read_body(id, offset, bytes_max);
  }
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, LargeBodies bodies) override {
    return reads_->dead_letter(id, bodies);
  }
  Result<std::optional<MessageView>> message_view(DeliveryId id,
                                                  TimePoint finished_after) override {
    return reads_->message_view(id, finished_after);
  }
  Result<EventPage> events(const PageRequest& page) override { return reads_->events(page); }
  Result<DeadLetterPage> dead_letters(const PageRequest& page) override {
    return reads_->dead_letters(page);
  }
  Result<MessagePage> messages(const PageRequest& page) override { return reads_->messages(page); }
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes) override {
    return reads_->lane_sizes(lanes);
  }
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences) override {
    return reads_->sequence_sizes(sequences);
  }

  Result<bool> apply_some(std::size_t rows_max) override { return applier_->apply_some(rows_max); }
  Result<void> checkpoint() override { return checkpointer_->checkpoint(); }
  Result<int> drop_history(std::int64_t first_day, std::uint64_t bytes_max) override {
    return tables_->drop_history(first_day, bytes_max);
  }
  Result<void> backup(const std::filesystem::path& folder) override;

 private:
  BasicEmbeddedStore(EmbeddedOptions options, Metrics& metrics)
      : options_(std::move(options)), metrics_(metrics) {}

  Result<void> open_journal(std::shared_ptr<System> system);
  Result<void> replay(Position position, std::string_view record);
  Result<void> apply_replayed();
  void start();
  std::span<const std::string_view> encode(std::span<const WriteSet> sets);
  void recycle(Position synced);
  void look_around();
  std::int64_t now_micros() const { return options_.steady_micros ? options_.steady_micros() : 0; }

  const EmbeddedOptions options_;
  Metrics& metrics_;
  std::optional<FolderLock> lock_;  // none on a simulated disk
  std::unique_ptr<SqliteTables> tables_;
  std::unique_ptr<Journal<File>> journal_;
  std::unique_ptr<Tail> tail_;
  std::unique_ptr<DiskRoom> disk_room_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<EmbeddedReads> reads_;

  // While opening: what is replayed and not yet in the tables.
  std::optional<CommitRun> replayed_;
  std::int64_t replayed_last_id_ = 0;
  Position replayed_last_ = 0;

  // Of the committing thread: the records of one batch, one behind the other.
  std::string records_;
  std::vector<std::size_t> record_bytes_;
  std::vector<std::string_view> record_views_;
  std::uint64_t commits_ = 0;

  // While a backup runs, the journal keeps what its copies of the tables may lack.
  std::mutex backup_mutex_;  // one at a time
  std::mutex recycle_mutex_;
  std::optional<Position> recycle_max_;
};

template <class File>
Result<std::unique_ptr<BasicEmbeddedStore<File>>> BasicEmbeddedStore<File>::open(
    EmbeddedOptions options, Metrics& metrics, std::shared_ptr<System> system) {
  std::unique_ptr<BasicEmbeddedStore> store(new BasicEmbeddedStore(std::move(options), metrics));
  const EmbeddedOptions& chosen = store->options_;
  if (chosen.sqlite_vfs.empty()) {
    RETURN_IF_ERROR(make_folder(chosen.folder));
    ASSIGN_OR_RETURN(FolderLock lock, FolderLock::take(DataFolder{chosen.folder}));
    store->lock_.emplace(std::move(lock));
  }
  SqliteTables::Options tables{chosen.folder, chosen.sqlite_vfs, chosen.history_bodies,
                               [system](const auto& folder) { return system->list(folder); }};
  ASSIGN_OR_RETURN(store->tables_, SqliteTables::open(std::move(tables)));
  RETURN_IF_ERROR(store->open_journal(std::move(system)));
  store->start();
  return store;
}

template <class File>
Result<void> BasicEmbeddedStore<File>::open_journal(std::shared_ptr<System> system) {
  replayed_last_id_ = tables_->last_id();
  typename Journal<File>::Options journal;
  journal.folder = DataFolder{options_.folder}.journal();
  journal.store_id = tables_->store_id();
  journal.segment_bytes = options_.segment_bytes;
  journal.bytes_max = options_.journal_bytes_max;
  journal.begins_by = tables_->lowest_missing();
  journal.sync_delay = options_.sync_delay;
  ASSIGN_OR_RETURN(
      journal_,
      Journal<File>::open(
          std::move(journal), tables_->lowest_applied() + 1, tables_->highest_applied(),
          [this](Position position, std::string_view record) { return replay(position, record); },
          std::move(system)));
  return apply_replayed();
}

template <class File>
Result<void> BasicEmbeddedStore<File>::replay(Position position, std::string_view record) {
  const bool gap =
      replayed_last_ == 0 ? position > tables_->applied() + 1 : position != replayed_last_ + 1;
  if (gap) {
    return fail(ErrorCode::kStoreCorrupt,
                "folder " + options_.folder.string() + ": the journal goes on at position " +
                    std::to_string(position) + ", the tables are at " +
                    std::to_string(std::max(tables_->applied(), replayed_last_)) +
                    ": files are missing or mixed, restore a backup");
  }
  ASSIGN_OR_RETURN(const WriteSet set, decode_write_set(record));
  if (!replayed_) replayed_.emplace(replayed_last_id_);
  replayed_->add(position, set, record.size());
  replayed_last_id_ = replayed_->last_id();
  replayed_last_ = position;
  const bool full = replayed_->operations() >= options_.run_rows_max;
  if (full || tables_->replay_borders().contains(position)) return apply_replayed();
  return {};
}

template <class File>
Result<void> BasicEmbeddedStore<File>::apply_replayed() {
  if (!replayed_) return {};
  RETURN_IF_ERROR(tables_->apply(*replayed_));
  replayed_.reset();
  return {};
}

template <class File>
void BasicEmbeddedStore<File>::start() {
  CHECK(tables_->applied() == journal_->position());
  tail_ = std::make_unique<Tail>(options_.run_rows_max, journal_->position(), replayed_last_id_);
  disk_room_ = std::make_unique<DiskRoom>(options_.folder, options_.disk_free_bytes_min, metrics_);
  applier_ = std::make_unique<Applier>(*tail_, *tables_,
                                       Applier::Options{.interval = options_.apply_interval,
                                                        .tail_bytes_max = options_.tail_bytes_max,
                                                        .own_thread = options_.run_applier,
                                                        .steady_micros = options_.steady_micros},
                                       metrics_);
  checkpointer_ = std::make_unique<Checkpointer>(
      *tables_, [this](Position synced) { recycle(synced); }, [this] { look_around(); });
  reads_ = std::make_unique<EmbeddedReads>(*tail_, *tables_, *applier_);
  look_around();
  if (!options_.run_applier) return;
  applier_->start();
  checkpointer_->start();
}

// The threads end first; then what is left is applied and synced, and the next start is quick.
template <class File>
BasicEmbeddedStore<File>::~BasicEmbeddedStore() {
  if (checkpointer_ == nullptr) return;  // never opened
  checkpointer_->stop();
  reads_.reset();
  applier_.reset();
  if (options_.run_applier) (void)checkpointer_->checkpoint();
}

template <class File>
std::span<const std::string_view> BasicEmbeddedStore<File>::encode(std::span<const WriteSet> sets) {
  records_.clear();
  record_bytes_.clear();
  record_views_.clear();
  for (const WriteSet& set : sets) {
    const std::size_t before = records_.size();
    encode_write_set(set, records_);
    record_bytes_.push_back(records_.size() - before);
  }
  std::size_t offset = 0;
  for (const std::size_t bytes : record_bytes_) {
    record_views_.push_back(std::string_view(records_).substr(offset, bytes));
    offset += bytes;
  }
  return record_views_;
}

template <class File>
Result<Position> BasicEmbeddedStore<File>::commit(std::span<const WriteSet> sets) {
  constexpr std::uint64_t kCommitsBetweenLooks = 256;
  constexpr std::size_t kBufferBytesKept = 4u << 20;
  if (sets.empty()) return position();
  RETURN_IF_ERROR(tables_->check_syncs());
  RETURN_IF_ERROR(applier_->wait_for_room());
  const std::int64_t began = now_micros();
  const std::span<const std::string_view> records = encode(sets);
  ASSIGN_OR_RETURN(const Position position, journal_->append(records));
  tail_->publish(sets, record_bytes_);
  CHECK(position == tail_->position());
  applier_->rows_arrived();
  metrics_.commits_total.add();
  metrics_.committed_bytes_total.add(records_.size());
  if (options_.steady_micros) metrics_.commit_latency.observe_us(now_micros() - began);
  if (!options_.run_applier && ++commits_ % kCommitsBetweenLooks == 0) look_around();
  if (records_.capacity() > kBufferBytesKept) std::string().swap(records_);
  return position;
}

// New work is refused while the journal still has this much for the outcomes of the old.
template <class File>
bool BasicEmbeddedStore<File>::has_room() const {
  const std::size_t kept = std::min(2 * options_.segment_bytes, options_.journal_bytes_max / 4);
  return disk_room_->enough() && !applier_->failing() && journal_->has_room(kept);
}

template <class File>
void BasicEmbeddedStore<File>::look_around() {
  disk_room_->look();
  metrics_.store_refusing.set(has_room() ? 0 : 1);
  metrics_.journal_bytes.set(static_cast<std::int64_t>(journal_->bytes_in_use()));
  metrics_.wal_bytes.set(static_cast<std::int64_t>(tables_->log_bytes()));
  metrics_.history_bytes.set(static_cast<std::int64_t>(tables_->history().bytes()));
  metrics_.tail_bytes.set(static_cast<std::int64_t>(tail_->bytes()));
}

template <class File>
void BasicEmbeddedStore<File>::recycle(Position synced) {
  const std::lock_guard lock(recycle_mutex_);
  journal_->recycle(std::min(synced, recycle_max_.value_or(synced)));
}

template <class File>
Result<void> BasicEmbeddedStore<File>::backup(const std::filesystem::path& folder) {
  const std::lock_guard one_at_a_time(backup_mutex_);
  const DataFolder copy{folder};
  Position from = 0;
  Result<void> copied = tables_->copy_to(copy, [&] {
    const std::lock_guard lock(recycle_mutex_);
    recycle_max_ = from = tables_->synced();
  });
  if (copied) copied = journal_->copy_to(copy.journal(), from + 1);
  const std::lock_guard lock(recycle_mutex_);
  recycle_max_.reset();
  return copied;
}

}  // namespace ferry::store
