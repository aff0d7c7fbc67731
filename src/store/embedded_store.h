#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "store/store.h"

namespace ferry::store {

enum class HistoryBodies : std::uint8_t { kAll, kFailedOnly, kNone };

struct EmbeddedOptions {
  std::filesystem::path folder;
  std::size_t segment_bytes = 64u << 20;
  std::size_t journal_bytes_max = 1u << 30;
  std::size_t tail_bytes_max = 64u << 20;          // beyond it commits wait for the applier
  std::uint64_t disk_free_bytes_min = 256u << 20;  // below it has_room() is false
  HistoryBodies history_bodies = HistoryBodies::kAll;
  Duration apply_interval{50};                  // how long rows may wait in the tail for company
  Duration sync_delay{0};                       // added to every sync, to try a slow disk
  std::function<std::int64_t()> steady_micros;  // monotonic clock for latencies; null: not measured
  bool run_applier = true;                      // false: the owner steps it with apply_some()
  std::size_t run_rows_max = 16'384;            // row operations netted out in one transaction
  std::string sqlite_vfs;                       // SQLite's file system, by name; empty: its default
};

// Journal in front, SQLite tables applied behind (ARCHITECTURE.md, "Journal and tables").
// `commit` belongs to one thread; the applier and the checkpoints run on threads of the store's
// own.
class EmbeddedStore : public Store {
 public:
  // Opens or makes the folder, takes its lock, replays what the tables do not have yet.
  // kStoreLocked names the pid that holds the lock; kStoreCorrupt names the file and what to do;
  // kStoreTooNew when a newer version wrote it.
  static Result<std::unique_ptr<EmbeddedStore>> open(EmbeddedOptions options, Metrics& metrics);

  // With run_applier off: applies up to `rows_max` row operations in whole runs, at least one;
  // false when nothing was left.
  virtual Result<bool> apply_some(std::size_t rows_max) = 0;

  // With run_applier off: syncs what is applied and lets the journal write over what is synced.
  virtual Result<void> checkpoint() = 0;

  // Deletes history files of days before `first_day`, then oldest first until all of history is at
  // most `bytes_max` (0: no limit; today's file always stays). Returns the number of files.
  virtual Result<int> drop_history(std::int64_t first_day, std::uint64_t bytes_max) = 0;

  // A consistent copy of every file and of the journal from the lowest applied position, while
  // running.
  virtual Result<void> backup(const std::filesystem::path& folder) = 0;
};

struct CheckReport {
  std::uint64_t journal_records = 0;
  std::uint64_t journal_bytes = 0;
  int files = 0;
  std::vector<std::string> problems;  // empty: sound
};

// Offline: verifies the journal and the tables of a folder that no server has open.
Result<CheckReport> check_folder(const std::filesystem::path& folder);

// Makes `to` a data folder from a backup. kInvalidRequest when `to` is not empty.
Result<void> restore_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace ferry::store
