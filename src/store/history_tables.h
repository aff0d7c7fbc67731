#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/entry_keys.h"
#include "store/history_rows.h"
#include "store/table_file.h"

namespace ferry::store {

// The keys of the message with that id, for the entries that are indexed by them.
using KeysOf = std::function<Result<MessageKeys>(MessageId)>;
// A message that is filed with its body and came without.
using WholeOf = std::function<Result<MessagePtr>(const FiledMessage&)>;

// One day of history. `apply` belongs to the applier; reading goes through `file().reader()`.
class HistoryTables {
 public:
  static Result<std::shared_ptr<HistoryTables>> open(const std::filesystem::path& file,
                                                     const TableFileOptions& options);

  // Writes the day's rows of a run in one transaction, unless the file has the run already.
  Result<void> apply(const CommitRun& run, const DayRows& rows, const KeysOf& keys_of,
                     const WholeOf& whole_of);

  TableFile& file() { return *file_; }

 private:
  struct KeyRow;

  explicit HistoryTables(std::unique_ptr<TableFile> file) : file_(std::move(file)) {}
  Result<void> write_messages(const std::vector<FiledMessage>& messages, const WholeOf& whole_of);
  Result<void> write_entries(const std::vector<EntryRow>& entries, const KeysOf& keys_of);
  Result<void> write_keys(std::vector<KeyRow>& keys);

  std::unique_ptr<TableFile> file_;
  std::int64_t next_seq_ = 1;
  std::int64_t entry_span_max_ = 0;  // as in `meta`
};

// Null when the day does not have it.
Result<MessagePtr> read_filed_message(Database& reader, MessageId id);

// From the columns of `entries`. The parts have as many events as the entry.
Result<MergedEntry> decode_merged_entry(std::string_view parts, std::string_view record);

// The last thing a delivery did on that day; nothing when it did nothing.
Result<std::optional<MergedEntry>> read_last_entry(Database& reader, DeliveryId id);

}  // namespace ferry::store
