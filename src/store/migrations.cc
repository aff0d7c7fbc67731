#include "store/migrations.h"

#include "store/data_folder.h"
#include "store/meta_rows.h"

namespace ferry::store {
namespace {

Result<void> keep_copy(Database& database, std::int64_t version) {
  std::filesystem::path copy = database.file();
  copy += ".version-" + std::to_string(version);
  // One that is there was cut short by a crash before the first step, or the steps would be done.
  RETURN_IF_ERROR(remove_database(copy, {}));
  RETURN_IF_ERROR(make_file(copy));
  return database.copy_to(copy);
}

Result<void> take_step(Database& database, FileKind kind, std::int64_t from,
                       std::span<const Migration> steps) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  for (const Migration& step : steps) {
    if (step.kind == kind && step.from == from) {
      RETURN_IF_ERROR(database.execute(std::string(step.sql)));
    }
  }
  RETURN_IF_ERROR(write_meta(database, meta::kSchemaVersionKey, from + 1));
  return transaction.commit();
}

}  // namespace

std::span<const Migration> migrations() {
  static constexpr Migration kSteps[] = {
      // Functions and services (Function Compute). Written out: the schema of today may be newer.
      {FileKind::kState, 1,
       "CREATE TABLE functions (tenant INTEGER NOT NULL, name TEXT NOT NULL, "
       "endpoint TEXT NOT NULL, disabled INTEGER NOT NULL, record BLOB NOT NULL, "
       "PRIMARY KEY (tenant, name)) WITHOUT ROWID;"
       "CREATE TABLE services (tenant INTEGER NOT NULL, name TEXT NOT NULL, "
       "record BLOB NOT NULL, PRIMARY KEY (tenant, name)) WITHOUT ROWID;"},
      // Large bodies beside their messages and schedules. Those that are there stay within the
      // records; that of a schedule moves with the next put.
      {FileKind::kState, 2,
       "CREATE TABLE message_bodies (message_id INTEGER NOT NULL, part INTEGER NOT NULL, "
       "data BLOB NOT NULL, PRIMARY KEY (message_id, part)) WITHOUT ROWID;"
       "CREATE TABLE letter_bodies (letter_id INTEGER NOT NULL, part INTEGER NOT NULL, "
       "data BLOB NOT NULL, PRIMARY KEY (letter_id, part)) WITHOUT ROWID;"
       "CREATE TABLE schedule_bodies (tenant INTEGER NOT NULL, name TEXT NOT NULL, "
       "record BLOB NOT NULL, PRIMARY KEY (tenant, name)) WITHOUT ROWID;"},
  };
  return kSteps;
}

Result<void> migrate(Database& database, FileKind kind, std::int64_t newest,
                     std::span<const Migration> steps) {
  ASSIGN_OR_RETURN(std::int64_t version, read_meta_integer(database, meta::kSchemaVersionKey));
  if (version > newest) {
    return fail(ErrorCode::kStoreTooNew, "file " + database.file().string() +
                                             " has schema version " + std::to_string(version) +
                                             ", this program knows " + std::to_string(newest) +
                                             ": run the newer version of Ferry that wrote it");
  }
  if (version < newest) RETURN_IF_ERROR(keep_copy(database, version));
  for (; version < newest; ++version) {
    RETURN_IF_ERROR(take_step(database, kind, version, steps));
  }
  return {};
}

}  // namespace ferry::store
