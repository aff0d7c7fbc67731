#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "store/data_folder.h"
#include "store/history_tables.h"

namespace ferry::store {

// The history files of a store: which days there are, and the few of them that are open. Any thread
// may ask for a day and keep what it got as long as it likes; writing to a day belongs to the
// applier.
class HistoryFiles {
 public:
  HistoryFiles(DataFolder folder, TableFileOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  // The tables of a day that has a file. Null: it has none (any more).
  Result<std::shared_ptr<HistoryTables>> find(std::int64_t day);
  // The same, with a new file when it has none, durable before anything refers to it.
  Result<std::shared_ptr<HistoryTables>> find_or_make(std::int64_t day, Position applied_if_made);
  // At the start, of a day that the state file refers to: a reader may hold its log back.
  Result<std::shared_ptr<HistoryTables>> adopt(std::int64_t day);

  // Ascending.
  std::vector<std::int64_t> days() const;
  std::vector<std::shared_ptr<HistoryTables>> open_files() const;

  // Removes a day's file; whoever still reads it reads on.
  Result<void> remove(std::int64_t day);

  // Closes the files used longest ago that have nothing to sync and nobody using them.
  void close_idle();

  std::uint64_t bytes() const;  // of all files on disk
  std::uint64_t bytes_of(std::int64_t day) const;

 private:
  struct Slot {
    std::shared_ptr<HistoryTables> tables;  // null: closed
    std::uint64_t last_use = 0;             // ordinal
  };
  Result<std::shared_ptr<HistoryTables>> open(Slot& slot, std::int64_t day,
                                              Position applied_if_made);

  const DataFolder folder_;
  const TableFileOptions options_;
  mutable std::mutex mutex_;
  std::uint64_t uses_ = 0;
  std::map<std::int64_t, Slot> slots_;
};

}  // namespace ferry::store
