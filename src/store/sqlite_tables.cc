#include "store/sqlite_tables.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/random.h"

namespace ferry::store {
namespace {

constexpr std::size_t kStoreIdBytes = 16;

bool holds_files(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator first(folder, error);
  return !error && first != std::filesystem::directory_iterator();
}

std::int64_t creation_day(MessageId id) { return utc_day(time_of_id(id.value)); }

Result<void> copy_file(TableFile& from, const std::filesystem::path& to) {
  RETURN_IF_ERROR(make_file(to));
  ASSIGN_OR_RETURN(Reader reader, from.reader());
  return reader->copy_to(to);
}

}  // namespace

SqliteTables::SqliteTables(Options options, std::string store_id)
    : options_(std::move(options)),
      folder_{options_.folder},
      store_id_(std::move(store_id)),
      history_(folder_, TableFileOptions{options_.vfs, store_id_, sync_failure_}) {}

Result<std::unique_ptr<SqliteTables>> SqliteTables::open(Options options) {
  const DataFolder folder{options.folder};
  ASSIGN_OR_RETURN(std::optional<std::string> store_id, store_id_of(folder.state(), options.vfs));
  if (!store_id && (holds_files(folder.history()) || holds_files(folder.journal()))) {
    return fail(ErrorCode::kStoreCorrupt, "file " + folder.state().string() +
                                              " is missing from a folder that was in use: restore "
                                              "a backup");
  }
  if (!store_id) store_id = hex_encode(secure_random_bytes(kStoreIdBytes));
  std::unique_ptr<SqliteTables> tables(new SqliteTables(std::move(options), std::move(*store_id)));
  RETURN_IF_ERROR(tables->make_folders());
  RETURN_IF_ERROR(tables->open_files());
  return tables;
}

Result<void> SqliteTables::make_folders() {
  if (!options_.vfs.empty()) return {};  // the simulated disk has none
  RETURN_IF_ERROR(make_folder(folder_.root));
  return make_folder(folder_.history());
}

Result<void> SqliteTables::open_files() {
  ASSIGN_OR_RETURN(state_,
                   StateTables::open(folder_.state(), {options_.vfs, store_id_, sync_failure_}));
  ASSIGN_OR_RETURN(last_id_at_opening_, state_->last_id());
  ASSIGN_OR_RETURN(const auto expected, state_->history_positions());
  ASSIGN_OR_RETURN(const std::vector<std::int64_t> days, days_found());
  lowest_at_opening_ = highest_at_opening_ = applied();
  lowest_missing_at_opening_ = applied() + 1;
  replay_borders_.insert(applied());
  for (const std::int64_t day : days) {
    if (day < state_->history_first_day()) {
      RETURN_IF_ERROR(remove_database(folder_.history_of(day), options_.vfs));
      continue;
    }
    RETURN_IF_ERROR(adopt_day(day, expected));
  }
  return {};
}

// A file without tables that the state does not know of was being made when a crash came; one that
// it does know of is gone, and lacks everything.
Result<void> SqliteTables::adopt_day(std::int64_t day,
                                     const std::map<std::int64_t, Position>& expected) {
  const auto at_least = expected.find(day);
  const bool known = at_least != expected.end();
  {
    ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> tables,
                     known ? history_.adopt(day) : history_.find_or_make(day, this->applied()));
    const Position applied = tables->file().applied();
    highest_at_opening_ = std::max(highest_at_opening_, applied);
    replay_borders_.insert(applied);
    if (known && applied < at_least->second) {
      note_behind(day, applied, at_least->second, applied == 0 ? 1 : at_least->second);
    }
  }
  history_.close_idle();
  return {};
}

void SqliteTables::note_behind(std::int64_t day, Position applied, Position expected,
                               Position missing) {
  lowest_at_opening_ = std::min(lowest_at_opening_, applied);
  lowest_missing_at_opening_ = std::min(lowest_missing_at_opening_, missing);
  behind_.emplace(day, expected);
  replay_borders_.insert(expected);
}

// Those with a file, and those that the state file knows of: a day whose file is gone is made anew.
Result<std::vector<std::int64_t>> SqliteTables::days_found() {
  std::set<std::int64_t> days;
  if (options_.vfs.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> files, folder_.history_days());
    days.insert(files.begin(), files.end());
  } else if (options_.list) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, options_.list(folder_.history()));
    for (const std::string& name : names) {
      if (const auto day = parse_history_name(name)) days.insert(*day);
    }
  }
  ASSIGN_OR_RETURN(const auto expected, state_->history_positions());
  for (const auto& [day, position] : expected) days.insert(day);
  return std::vector<std::int64_t>(days.begin(), days.end());
}

Result<MessageKeys> SqliteTables::keys_of_message(const CommitRun& run, MessageId id) {
  const auto row = run.messages().find(id);
  if (row != run.messages().end() && row->second.put != nullptr) return keys_of(*row->second.put);
  ASSIGN_OR_RETURN(std::optional<MessageKeys> pending, state_->message_keys(id));
  if (pending) return std::move(*pending);
  // Only when history is replayed behind the state file. The day may be in a transaction just now,
  // so its own connection is asked.
  ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> day, history_.find(creation_day(id)));
  if (day == nullptr) return MessageKeys();
  ASSIGN_OR_RETURN(const MessagePtr filed, read_filed_message(day->file().writer(), id));
  return filed == nullptr ? MessageKeys() : keys_of(*filed);
}

// The state file is written after history, so it still has the body with the message; only when
// history is replayed behind it, with the dead letter, if that is still there.
Result<MessagePtr> SqliteTables::whole_message(const CommitRun& run, const FiledMessage& filed) {
  const auto row = run.messages().find(filed.message->id);
  if (row != run.messages().end() && row->second.put != nullptr) return row->second.put;
  const auto bare = std::make_shared<const Message>(*filed.message);
  Result<MessagePtr> whole = state_->with_body_of(bare);
  if (!whole && whole.error().code == ErrorCode::kNotFound) {
    whole = state_->with_body_of(filed.letter, bare);
  }
  if (!whole && whole.error().code == ErrorCode::kNotFound) return bare;
  return whole;
}

Result<MessagePtr> SqliteTables::content(MessageId id) {
  ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> day, history_.find(creation_day(id)));
  if (day != nullptr) {
    ASSIGN_OR_RETURN(Reader reader, day->file().reader());
    ASSIGN_OR_RETURN(MessagePtr filed, read_filed_message(*reader, id));
    if (filed != nullptr) return filed;
  }
  return state_->whole_message(id);
}

Result<void> SqliteTables::apply_history(const CommitRun& run, std::vector<std::int64_t>& days) {
  for (const auto& tables : history_.open_files()) RETURN_IF_ERROR(tables->file().bound_log());
  const auto keys = [&](MessageId id) { return keys_of_message(run, id); };
  const auto whole = [&](const FiledMessage& filed) { return whole_message(run, filed); };
  auto rows_of_days = rows_by_day(run, options_.bodies);
  // Replay cuts other runs than were applied before; the one that brings a day to where the state
  // expects it says so in the day's file, with or without rows.
  for (const auto& [day, position] : behind_) {
    if (position == run.last()) rows_of_days.try_emplace(day);
  }
  for (const auto& [day, rows] : rows_of_days) {
    if (day < state_->history_first_day()) continue;
    ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> tables,
                     history_.find_or_make(day, run.first() - 1));
    RETURN_IF_ERROR(tables->apply(run, rows, keys, whole));
    days.push_back(day);
  }
  return {};
}

Result<void> SqliteTables::apply(const CommitRun& run) {
  const std::lock_guard lock(apply_mutex_);
  std::vector<std::int64_t> days;
  RETURN_IF_ERROR(apply_history(run, days));
  RETURN_IF_ERROR(state_->file().bound_log());
  return state_->apply(run, days);
}

Result<void> SqliteTables::checkpoint() {
  RETURN_IF_ERROR(state_->file().checkpoint());
  for (const auto& tables : history_.open_files()) RETURN_IF_ERROR(tables->file().checkpoint());
  history_.close_idle();
  return {};
}

Position SqliteTables::synced() const {
  Position synced = std::min(state_->file().synced(), applied());
  for (const auto& tables : history_.open_files()) {
    synced = std::min(synced, tables->file().synced());
  }
  return synced;
}

std::uint64_t SqliteTables::log_bytes() const {
  std::uint64_t bytes = state_->file().log_bytes();
  for (const auto& tables : history_.open_files()) {
    bytes = std::max(bytes, tables->file().log_bytes());
  }
  return bytes;
}

// Forgotten first, removed second: a crash in between leaves files that open() removes. While a
// reader keeps the state file from forgetting durably, the files stay for the next time.
Result<int> SqliteTables::drop_history(std::int64_t first_day, std::uint64_t bytes_max) {
  const std::lock_guard lock(apply_mutex_);
  const std::vector<std::int64_t> days = history_.days();
  if (days.empty()) return 0;
  std::uint64_t bytes = history_.bytes();
  std::vector<std::int64_t> dropped;
  for (const std::int64_t day : days) {
    const bool too_much = bytes_max != 0 && bytes > bytes_max;
    if (day == days.back() || (day >= first_day && !too_much)) break;
    bytes -= std::min(bytes, history_.bytes_of(day));
    dropped.push_back(day);
  }
  if (dropped.empty()) return 0;
  RETURN_IF_ERROR(state_->forget_history(dropped.back() + 1));
  ASSIGN_OR_RETURN(const bool forgotten, state_->file().checkpoint());
  if (!forgotten) return 0;
  for (const std::int64_t day : dropped) RETURN_IF_ERROR(history_.remove(day));
  return static_cast<int>(dropped.size());
}

Result<void> SqliteTables::copy_to(const DataFolder& folder, const std::function<void()>& pin) {
  RETURN_IF_ERROR(make_folder(folder.root));
  RETURN_IF_ERROR(make_folder(folder.history()));
  std::map<std::int64_t, Position> copied;
  const std::vector<std::int64_t> settled = history_.days();
  for (std::size_t i = 0; i + 1 < settled.size(); ++i) {
    RETURN_IF_ERROR(copy_day(folder, settled[i], copied));
  }
  pin();
  for (const std::int64_t day : history_.days()) RETURN_IF_ERROR(copy_day(folder, day, copied));
  return copy_file(state_->file(), folder.state());
}

// Unless the copy has all that the file has.
Result<void> SqliteTables::copy_day(const DataFolder& folder, std::int64_t day,
                                    std::map<std::int64_t, Position>& copied) {
  ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> tables, history_.find(day));
  if (tables == nullptr) return {};
  const Position applied = tables->file().applied();
  const auto [copy, first] = copied.try_emplace(day, applied);
  if (!first && copy->second == applied) return {};
  copy->second = applied;
  return copy_file(tables->file(), folder.history_of(day));
}

}  // namespace ferry::store
