#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/commit_run.h"
#include "store/entry_keys.h"
#include "store/table_file.h"

namespace ferry::store {

// The tables of what is pending. `apply` and `forget_history` belong to whoever applies; the reads
// may be called by any thread and see what is applied, each at one moment.
class StateTables {
 public:
  static Result<std::unique_ptr<StateTables>> open(const std::filesystem::path& file,
                                                   const TableFileOptions& options);

  // Writes the rows of a run in one transaction, unless the file has the run already. `days` are
  // the history files that the run touched.
  Result<void> apply(const CommitRun& run, const std::vector<std::int64_t>& days);

  // Days before `first_day` are gone and stay gone, whatever is still applied to them.
  Result<void> forget_history(std::int64_t first_day);
  std::int64_t history_first_day() const { return history_first_day_; }

  TableFile& file() { return *file_; }

  Result<Catalog> catalog(TimePoint now);
  Result<Totals> totals();
  Result<std::int64_t> last_id();
  // By day: how far its file must be, unless a power failure took from it.
  Result<std::map<std::int64_t, Position>> history_positions();

  struct DeliveryRow {
    Delivery delivery;
    MessagePtr message;  // null when it is not in the table
  };
  Result<std::optional<DeliveryRow>> delivery(DeliveryId id);
  // Large bodies are left out of messages and dead letters, unless asked for.
  Result<MessagePtr> message(MessageId id);  // null: not there
  Result<MessagePtr> whole_message(MessageId id);
  // The message with the body that the file has for it; kNotFound when that is gone.
  Result<MessagePtr> with_body_of(MessagePtr message);
  Result<MessagePtr> with_body_of(DeadLetterId letter, MessagePtr message);
  Result<Bytes> body_piece(MessageId id, std::uint64_t offset, std::size_t bytes_max);
  Result<std::optional<MessageKeys>> message_keys(MessageId id);  // within the applier's thread
  Result<LaneSlice> lane(const LaneQuery& query);
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key);
  // Null: not there.
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, std::string_view schedule);
  Result<DeadLetterPtr> dead_letter(DeadLetterId id);  // null: not there
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes);
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences);

 private:
  explicit StateTables(std::unique_ptr<TableFile> file) : file_(std::move(file)) {}

  std::unique_ptr<TableFile> file_;
  std::int64_t deliveries_ = 0, dead_letters_ = 0;  // rows, as in `meta`
  std::int64_t history_first_day_ = 0;
};

}  // namespace ferry::store
