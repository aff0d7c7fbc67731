// Backups at rest (embedded_store.h): check_folder and restore_folder.

#include <algorithm>

#include "store/data_folder.h"
#include "store/embedded_store.h"
#include "store/history_tables.h"
#include "store/id_list.h"
#include "store/journal.h"
#include "store/meta_rows.h"
#include "store/records.h"
#include "store/statements.h"
#include "store/table_file.h"

namespace ferry::store {
namespace {

// A folder that is damaged all over is not described row by row.
constexpr std::size_t kProblemsMax = 100;

class FolderCheck {
 public:
  explicit FolderCheck(DataFolder folder) : folder_(std::move(folder)) {}

  Result<CheckReport> run() {
    ASSIGN_OR_RETURN(const FolderLock lock, FolderLock::take(folder_));
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> days, folder_.history_days());
    note(check_state(/*may_be_empty=*/days.empty()));
    for (const std::int64_t day : days) note(check_history(day));
    note(check_log());
    return std::move(report_);
  }

 private:
  void note(std::string problem) {
    if (report_.problems.size() < kProblemsMax) report_.problems.push_back(std::move(problem));
  }
  void note(const Result<void>& checked) {
    if (!checked) note(checked.error().text);
  }

  Result<Database> open(const std::filesystem::path& file);
  Result<bool> identify(Database& database);
  Result<void> check_state(bool may_be_empty);
  Result<void> check_references(Database& database);
  Result<void> check_count(Database& database, std::string_view table, std::string_view key);
  Result<void> check_history(std::int64_t day);
  Result<void> check_log();
  template <class T>
  Result<void> check_records(Database& database, std::string_view table,
                             Result<T> (*decode)(std::string_view));

  const DataFolder folder_;
  std::string store_id_;
  Position applied_ = 0;
  CheckReport report_;
};

Result<Database> FolderCheck::open(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(Database database, Database::open(file, Database::Access::kReader));
  ++report_.files;
  ASSIGN_OR_RETURN(const std::vector<std::string> problems, database.quick_check());
  for (const std::string& problem : problems) note("file " + file.string() + ": " + problem);
  return database;
}

// Every file is of our version, and of the same store as the first one. False for a file without
// tables: the server died between making it and making them, and makes them at its next start.
Result<bool> FolderCheck::identify(Database& database) {
  ASSIGN_OR_RETURN(const bool made, has_table(database, "meta"));
  if (!made) return false;
  const std::string file = database.file().string();
  ASSIGN_OR_RETURN(const std::int64_t version,
                   read_meta_integer(database, meta::kSchemaVersionKey));
  if (version > kSchemaVersion) {
    return fail(ErrorCode::kStoreTooNew, "file " + file + " has schema version " +
                                             std::to_string(version) + ", this program knows " +
                                             std::to_string(kSchemaVersion));
  }
  ASSIGN_OR_RETURN(const std::string store_id, read_meta_text(database, meta::kStoreId));
  if (store_id_.empty()) store_id_ = store_id;
  if (store_id != store_id_) {
    note("file " + file + " is of store " + store_id + ", not of " + store_id_);
  }
  return true;
}

template <class T>
Result<void> FolderCheck::check_records(Database& database, std::string_view table,
                                        Result<T> (*decode)(std::string_view)) {
  ASSIGN_OR_RETURN(Statement rows, database.statement("SELECT record FROM " + std::string(table)));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    const Result<T> record = decode(rows.bytes(0));
    if (!record) {
      note("file " + database.file().string() + ", table " + std::string(table) + ": " +
           record.error().text);
    }
  }
}

Result<void> FolderCheck::check_state(bool may_be_empty) {
  ASSIGN_OR_RETURN(Database database, open(folder_.state()));
  ASSIGN_OR_RETURN(const bool made, identify(database));
  if (!made) {
    if (!may_be_empty) note("file " + database.file().string() + " has lost its tables");
    return {};
  }
  ASSIGN_OR_RETURN(const std::int64_t applied, read_meta_integer(database, meta::kAppliedPosition));
  applied_ = static_cast<Position>(applied);
  RETURN_IF_ERROR(check_records(database, "messages", decode_message));
  RETURN_IF_ERROR(check_records(database, "deliveries", decode_delivery));
  RETURN_IF_ERROR(check_records(database, "dead_letters", decode_dead_letter));
  RETURN_IF_ERROR(check_records(database, "dedup", decode_dedup));
  RETURN_IF_ERROR(check_records(database, "tenants", decode_tenant));
  RETURN_IF_ERROR(check_records(database, "queues", decode_queue));
  RETURN_IF_ERROR(check_records(database, "url_groups", decode_url_group));
  RETURN_IF_ERROR(check_records(database, "schedules", decode_schedule));
  RETURN_IF_ERROR(check_records(database, "flow_keys", decode_flow_key));
  RETURN_IF_ERROR(check_records(database, "sequences", decode_sequence));
  ASSIGN_OR_RETURN(const bool knows_functions, has_table(database, "functions"));
  if (knows_functions) {  // younger than the first version of the tables
    RETURN_IF_ERROR(check_records(database, "functions", decode_function));
    RETURN_IF_ERROR(check_records(database, "services", decode_service));
  }
  ASSIGN_OR_RETURN(const bool knows_bodies, has_table(database, "schedule_bodies"));
  if (knows_bodies) {
    RETURN_IF_ERROR(check_records(database, "schedule_bodies", decode_schedule_body));
  }
  RETURN_IF_ERROR(check_count(database, "deliveries", meta::kDeliveries));
  RETURN_IF_ERROR(check_count(database, "dead_letters", meta::kDeadLetters));
  return check_references(database);
}

Result<void> FolderCheck::check_count(Database& database, std::string_view table,
                                      std::string_view key) {
  ASSIGN_OR_RETURN(const std::int64_t said, read_meta_integer(database, key));
  ASSIGN_OR_RETURN(Statement count,
                   database.statement("SELECT count(*) FROM " + std::string(table)));
  ASSIGN_OR_RETURN(const bool row, count.step());
  if (!row || count.integer(0) == said) return {};
  note("file " + database.file().string() + " holds " + std::to_string(count.integer(0)) +
       " rows in " + std::string(table) + ", its meta table says " + std::to_string(said));
  return {};
}

Result<void> FolderCheck::check_references(Database& database) {
  struct Reference {
    std::string_view broken;  // the ids that it is broken for
    std::string_view what, lacks;
    std::string_view table = {};  // that an older version lacks
  };
  static constexpr Reference kReferences[] = {
      {sql::kDeliveriesWithoutMessage, "delivery", "has no message"},
      {sql::kMessagesWithoutBody, "message", "lacks pieces of its body", "message_bodies"},
      {sql::kBodiesWithoutMessage, "message", "is gone, but has rows in message_bodies",
       "message_bodies"},
      {sql::kBodiesWithoutLetter, "dead letter", "is gone, but has rows in letter_bodies",
       "letter_bodies"},
      {sql::kLettersWithoutKeys, "dead letter", "has no row in letter_keys"},
      {sql::kKeysWithoutLetter, "dead letter", "is gone, but has a row in letter_keys"},
  };
  for (const auto& [broken, what, lacks, table] : kReferences) {
    if (!table.empty()) {
      ASSIGN_OR_RETURN(const bool there, has_table(database, table));
      if (!there) continue;
    }
    ASSIGN_OR_RETURN(Statement rows, database.statement(broken));
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> ids, read_ids_of(rows));
    for (const std::int64_t id : ids) {
      note("file " + database.file().string() + ": " + std::string(what) + " " +
           std::to_string(id) + " " + std::string(lacks));
    }
  }
  return {};
}

Result<void> FolderCheck::check_history(std::int64_t day) {
  ASSIGN_OR_RETURN(Database database, open(folder_.history_of(day)));
  ASSIGN_OR_RETURN(const bool made, identify(database));
  if (!made) return {};
  RETURN_IF_ERROR(check_records(database, "messages", decode_message));
  return check_records(database, "entries", decode_entry);
}

Result<void> FolderCheck::check_log() {
  ASSIGN_OR_RETURN(const JournalReport journal, check_journal(folder_.journal()));
  report_.journal_records = journal.records;
  report_.journal_bytes = journal.bytes;
  if (journal.last > applied_ && journal.first > applied_ + 1) {
    note("folder " + folder_.root.string() + ": the journal begins at position " +
         std::to_string(journal.first) + ", the tables end at " + std::to_string(applied_));
  }
  return {};
}

Result<void> copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                        bool (*wanted)(std::string_view)) {
  RETURN_IF_ERROR(make_folder(to));
  std::error_code error;
  for (std::filesystem::directory_iterator file(from, error), end; !error && file != end;
       file.increment(error)) {
    const std::filesystem::path name = file->path().filename();
    if (!wanted(name.string()) || !file->is_regular_file(error)) continue;
    RETURN_IF_ERROR(copy_private_file(file->path(), to / name));
  }
  if (error) {
    return fail(ErrorCode::kStoreIo, "reading folder " + from.string() + ": " + error.message());
  }
  return {};
}

bool is_state_file(std::string_view name) { return name == "state.db" || name == "state.db-wal"; }
bool is_history_file(std::string_view name) {
  if (name.ends_with("-wal")) name.remove_suffix(4);
  return parse_history_name(name).has_value();
}
bool is_any_file(std::string_view) { return true; }

}  // namespace

Result<CheckReport> check_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(DataFolder{folder}.state(), error)) {
    return fail(ErrorCode::kNotFound, "folder " + folder.string() + " holds no store");
  }
  return FolderCheck(DataFolder{folder}).run();
}

Result<void> restore_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  const DataFolder source{from}, target{to};
  std::error_code error;
  if (std::filesystem::exists(to, error) && !std::filesystem::is_empty(to, error)) {
    return fail(ErrorCode::kInvalidRequest, "folder " + to.string() + " is not empty");
  }
  if (!std::filesystem::exists(source.state(), error)) {
    return fail(ErrorCode::kInvalidRequest, "folder " + from.string() + " holds no backup");
  }
  RETURN_IF_ERROR(copy_files(source.journal(), target.journal(), is_any_file));
  RETURN_IF_ERROR(copy_files(source.history(), target.history(), is_history_file));
  RETURN_IF_ERROR(copy_files(source.root, target.root, is_state_file));
  ASSIGN_OR_RETURN(const CheckReport report, check_folder(to));
  if (report.problems.empty()) return {};
  return fail(ErrorCode::kStoreCorrupt,
              "the backup in " + from.string() + " is not sound: " + report.problems.front());
}

}  // namespace ferry::store
