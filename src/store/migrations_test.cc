#include "store/migrations.h"

#include <gtest/gtest.h>

#include "store/meta_rows.h"
#include "store/statements.h"
#include "store/test_folder.h"

namespace ferry::store {

using test::TestFolder;

namespace {

// A history that never was: version 2 gave the state file a column, version 3 the history file one.
constexpr Migration kSteps[] = {
    {FileKind::kState, 1, "ALTER TABLE t ADD COLUMN b; UPDATE t SET b = a * 2"},
    {FileKind::kHistory, 2, "ALTER TABLE t ADD COLUMN c"},
};

Database file_of_version(const std::filesystem::path& file, std::int64_t version) {
  Result<Database> database = Database::open(file, Database::Access::kWriter);
  EXPECT_TRUE(database);
  EXPECT_TRUE(
      database->execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB);"
                        "CREATE TABLE t (a); INSERT INTO t VALUES (21)"));
  EXPECT_TRUE(write_meta(*database, meta::kSchemaVersionKey, version));
  return std::move(*database);
}

std::int64_t value(Database& database, std::string_view sql) {
  Result<Statement> row = database.statement(sql);
  EXPECT_TRUE(row && row->step());
  return row ? row->integer(0) : -1;
}

TEST(Migrations, TakeEveryStepOfTheKindAndKeepACopyOfBefore) {
  const TestFolder folder;
  Database database = file_of_version(folder.path() / "state.db", 1);
  ASSERT_TRUE(migrate(database, FileKind::kState, 3, kSteps));
  EXPECT_EQ(value(database, "SELECT b FROM t"), 42);
  EXPECT_EQ(*read_meta_integer(database, meta::kSchemaVersionKey), 3);

  Result<Database> copy =
      Database::open(folder.path() / "state.db.version-1", Database::Access::kWriter);
  ASSERT_TRUE(copy);
  EXPECT_EQ(*read_meta_integer(*copy, meta::kSchemaVersionKey), 1);
  EXPECT_FALSE(copy->statement("SELECT b FROM t"));
}

TEST(Migrations, AFileOfTheNewestVersionIsLeftAlone) {
  const TestFolder folder;
  Database database = file_of_version(folder.path() / "state.db", 3);
  ASSERT_TRUE(migrate(database, FileKind::kState, 3, kSteps));
  EXPECT_FALSE(database.statement("SELECT b FROM t"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "state.db.version-3"));
}

TEST(Migrations, ANewerFileIsRefusedUntouched) {
  const TestFolder folder;
  Database database = file_of_version(folder.path() / "state.db", 4);
  const Result<void> migrated = migrate(database, FileKind::kState, 3, kSteps);
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, ErrorCode::kStoreTooNew);
  EXPECT_EQ(*read_meta_integer(database, meta::kSchemaVersionKey), 4);
}

TEST(Migrations, AStepThatFailsLeavesTheVersionBeforeIt) {
  const TestFolder folder;
  constexpr Migration steps[] = {{FileKind::kState, 1, "ALTER TABLE t ADD COLUMN b"},
                                 {FileKind::kState, 2, "UPDATE t SET no_such_column = 1"}};
  Database database = file_of_version(folder.path() / "state.db", 1);
  EXPECT_FALSE(migrate(database, FileKind::kState, 3, steps));
  EXPECT_EQ(*read_meta_integer(database, meta::kSchemaVersionKey), 2);
  EXPECT_TRUE(database.statement("SELECT b FROM t"));
}

}  // namespace
}  // namespace ferry::store
