#include "store/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "store/migrations.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(FERRY_GOLDEN_DIR) + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What changes here is a new version: a new golden file and a migration from the one before.
TEST(Schema, TheTablesOfAVersionNeverChange) {
  const std::string version = ".v" + std::to_string(kSchemaVersion) + ".sql";
  EXPECT_EQ(create_tables_sql(FileKind::kState), read_golden("state" + version));
  EXPECT_EQ(create_tables_sql(FileKind::kHistory), read_golden("history" + version));
}

TEST(Schema, EveryOlderVersionHasAWayToTheNewest) {
  for (std::int64_t from = 1; from < kSchemaVersion; ++from) {
    const auto steps = migrations();
    EXPECT_TRUE(std::ranges::any_of(steps, [&](const Migration& step) {
      return step.from == from;
    })) << from;
  }
}

TEST(Schema, ARowKeyHashDependsOnTheKind) {
  EXPECT_NE(entry_key_hash(EntryKey::kQueue, "name"), entry_key_hash(EntryKey::kGroup, "name"));
  EXPECT_EQ(entry_key_hash(EntryKey::kQueue, "name"), entry_key_hash(EntryKey::kQueue, "name"));
}

TEST(Statements, AreMadeFromTheColumnsAndTheKey) {
  const Table table{.name = "t",
                    .columns = {{"a"}, {"b", ColumnType::kBlob}, {"c", ColumnType::kText, true}},
                    .key = {"a", "b"},
                    .indexes = {}};
  EXPECT_EQ(insert_row_sql(table), "INSERT INTO t (a, b, c) VALUES (?1, ?2, ?3)");
  EXPECT_EQ(put_row_sql(table),
            insert_row_sql(table) + " ON CONFLICT (a, b) DO UPDATE SET c = excluded.c");
  EXPECT_EQ(delete_row_sql(table), "DELETE FROM t WHERE a = ?1 AND b = ?2");
  EXPECT_TRUE(table.clustered());
}

TEST(Statements, ARowThatIsAllKeyIsPutByLeavingItAsItIs) {
  const Table table{.name = "t", .columns = {{"a"}}, .key = {"a"}, .indexes = {}};
  EXPECT_EQ(put_row_sql(table), "INSERT INTO t (a) VALUES (?1) ON CONFLICT (a) DO NOTHING");
  EXPECT_FALSE(table.clustered());
}

}  // namespace
}  // namespace ferry::store
