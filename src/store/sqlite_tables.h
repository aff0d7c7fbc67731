#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "store/history_files.h"
#include "store/state_tables.h"

namespace ferry::store {

// All tables of a store, behind the journal: the state file and a history file a day. Runs are
// applied one at a time, history first and state last, each file in a transaction of its own that
// also says how far the file has come; so whatever a crash leaves, replaying from lowest_applied()
// and skipping in each file what it has makes every file whole again. Any thread may call; applying
// and dropping history wait for one another.
class SqliteTables {
 public:
  struct Options {
    std::filesystem::path folder;
    std::string vfs;
    HistoryBodies bodies = HistoryBodies::kAll;
    // The names in a folder of `vfs`, which SQLite cannot list; not asked without one.
    std::function<Result<std::vector<std::string>>(const std::filesystem::path&)> list;
  };

  // Opens the files or makes them. kStoreCorrupt for files of different stores, and for a state
  // file that is missing where the rest is there.
  static Result<std::unique_ptr<SqliteTables>> open(Options options);

  const std::string& store_id() const { return store_id_; }
  std::int64_t last_id() const { return last_id_at_opening_; }

  // Where replay must start behind, and the furthest that any file is.
  Position lowest_applied() const { return lowest_at_opening_; }
  Position highest_applied() const { return highest_at_opening_; }
  // What some file is sure to lack, the lowest known: the journal must have it. Between this and
  // lowest_applied() may lie what was of no concern to that file, and is recycled since.
  Position lowest_missing() const { return lowest_missing_at_opening_; }
  // Where some file is or should be: a run that is replayed ends there, since a file takes a run as
  // a whole or not at all.
  const std::set<Position>& replay_borders() const { return replay_borders_; }

  Result<void> apply(const CommitRun& run);
  // Fails for good after a sync that failed.
  Result<void> check_syncs() const { return sync_failure_->check(); }
  // Of the state file, which is written last.
  Position applied() const { return state_->file().applied(); }

  // Syncs what is applied; readers and the applier go on. Then all files' synced position.
  Result<void> checkpoint();
  Position synced() const;
  // The largest log of an open file.
  std::uint64_t log_bytes() const;

  // Removes days before `first_day`, then oldest first until all of history is within `bytes_max`
  // (0: no limit); the newest stays. The number of files removed.
  Result<int> drop_history(std::int64_t first_day, std::uint64_t bytes_max);

  // Copies every file into another folder, each as it is at some moment, while runs are applied;
  // the journal makes up the difference. Calls `pin` before the first file that it must: from then
  // on the journal is to keep all that is not yet synced in every file.
  Result<void> copy_to(const DataFolder& folder, const std::function<void()>& pin);

  // A message as history keeps it, on the day that its id tells, else as it is pending; null when
  // neither has it.
  Result<MessagePtr> content(MessageId id);

  StateTables& state() { return *state_; }
  HistoryFiles& history() { return history_; }

 private:
  SqliteTables(Options options, std::string store_id);
  Result<void> open_files();
  Result<void> make_folders();
  Result<std::vector<std::int64_t>> days_found();
  Result<MessageKeys> keys_of_message(const CommitRun& run, MessageId id);
  Result<MessagePtr> whole_message(const CommitRun& run, const FiledMessage& filed);
  Result<void> adopt_day(std::int64_t day, const std::map<std::int64_t, Position>& expected);
  void note_behind(std::int64_t day, Position applied, Position expected, Position missing);
  Result<void> copy_day(const DataFolder& folder, std::int64_t day,
                        std::map<std::int64_t, Position>& copied);
  Result<void> apply_history(const CommitRun& run, std::vector<std::int64_t>& days);

  const Options options_;
  const DataFolder folder_;
  const std::string store_id_;
  const std::shared_ptr<SyncFailure> sync_failure_ = std::make_shared<SyncFailure>();
  std::unique_ptr<StateTables> state_;
  HistoryFiles history_;
  std::mutex apply_mutex_;
  std::int64_t last_id_at_opening_ = 0;
  Position lowest_at_opening_ = 0, highest_at_opening_ = 0, lowest_missing_at_opening_ = 0;
  std::set<Position> replay_borders_;
  std::map<std::int64_t, Position> behind_;  // days at opening, and what the state expects of them
};

}  // namespace ferry::store
