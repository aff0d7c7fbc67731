#include "store/meta_rows.h"

#include "store/schema.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

Result<Statement> find_row(Database& database, std::string_view key) {
  ASSIGN_OR_RETURN(Statement row, database.statement(sql::kMetaValue));
  ASSIGN_OR_RETURN(const bool found, row.bind_text(1, key).step());
  if (found) return row;
  return fail(ErrorCode::kStoreCorrupt, "file " + database.file().string() + " has no " +
                                            std::string(key) +
                                            " in its meta table: restore a backup");
}

Result<Statement> put_row(Database& database, std::string_view key) {
  static const std::string kPut = put_row_sql(table_of(FileKind::kState, "meta"));
  ASSIGN_OR_RETURN(Statement put, database.statement(kPut));
  put.bind_text(1, key);
  return put;
}

}  // namespace

Result<std::int64_t> read_meta_integer(Database& database, std::string_view key) {
  ASSIGN_OR_RETURN(const Statement row, find_row(database, key));
  return row.integer(0);
}

Result<std::string> read_meta_text(Database& database, std::string_view key) {
  ASSIGN_OR_RETURN(const Statement row, find_row(database, key));
  return std::string(row.bytes(0));
}

Result<void> write_meta(Database& database, std::string_view key, std::int64_t value) {
  ASSIGN_OR_RETURN(Statement put, put_row(database, key));
  return put.bind(2, value).run();
}

Result<void> write_meta(Database& database, std::string_view key, std::string_view value) {
  ASSIGN_OR_RETURN(Statement put, put_row(database, key));
  return put.bind_blob(2, value).run();
}

}  // namespace ferry::store
