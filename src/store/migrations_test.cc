#include "store/migrations.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

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

std::vector<std::string> tables(Database& database) {
  std::vector<std::string> found;
  Result<Statement> rows =
      database.statement("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
  EXPECT_TRUE(rows);
  while (rows && *rows->step()) found.emplace_back(rows->bytes(0));
  return found;
}

std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(FERRY_GOLDEN_DIR) + "/" + name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Migrations, AFileOfEachOlderVersionGetsTheTablesOfTheNewest) {
  const TestFolder folder;
  Result<Database> newest = Database::open(folder.path() / "newest.db", Database::Access::kWriter);
  ASSERT_TRUE(newest && newest->execute(create_tables_sql(FileKind::kState)));
  for (std::int64_t version = 1; version < kSchemaVersion; ++version) {
    const std::string number = std::to_string(version);
    Result<Database> old =
        Database::open(folder.path() / ("old" + number), Database::Access::kWriter);
    ASSERT_TRUE(old && old->execute(read_golden("state.v" + number + ".sql")));
    ASSERT_TRUE(write_meta(*old, meta::kSchemaVersionKey, version));
    ASSERT_TRUE(migrate(*old, FileKind::kState, kSchemaVersion, migrations()));
    EXPECT_EQ(tables(*old), tables(*newest)) << version;
  }
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
