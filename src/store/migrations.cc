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

// Version 1 is the first one.
std::span<const Migration> migrations() { return {}; }

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
