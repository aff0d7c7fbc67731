#include "store/sqlite_database.h"

#include <gtest/gtest.h>

#include <fstream>

#include "store/test_folder.h"

namespace ferry::store {

using test::TestFolder;

namespace {

Database open(const std::filesystem::path& file,
              Database::Access access = Database::Access::kWriter) {
  Result<Database> database = Database::open(file, access);
  EXPECT_TRUE(database) << database.error().text;
  return std::move(*database);
}

std::int64_t count(Database& database) {
  Result<Statement> rows = database.statement("SELECT count(*) FROM t");
  EXPECT_TRUE(rows && *rows->step());
  return rows->integer(0);
}

TEST(Database, ATransactionThatIsNotCommittedNeverWas) {
  const TestFolder folder;
  Database database = open(folder.path() / "a.db");
  ASSERT_TRUE(database.execute("CREATE TABLE t (a)"));
  {
    Result<Transaction> transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database.execute("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(count(database), 0);
  Result<Transaction> transaction = Transaction::begin(database);
  ASSERT_TRUE(database.execute("INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(count(database), 1);
}

TEST(Database, TellsAnInsertionFromAnUpdate) {
  const TestFolder folder;
  Database database = open(folder.path() / "a.db");
  ASSERT_TRUE(database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)"));
  Result<Statement> put = database.statement(
      "INSERT INTO t VALUES (?1, ?2) ON CONFLICT (a) DO UPDATE SET b = excluded.b");
  ASSERT_TRUE(put);
  for (const bool is_new : {true, false}) {
    database.forget_inserted();
    ASSERT_TRUE(put->bind(1, 5).bind_text(2, "b").run());
    EXPECT_EQ(database.inserted(), is_new);
  }
}

TEST(Database, EmptyTextsAndBlobsAreNotNull) {
  const TestFolder folder;
  Database database = open(folder.path() / "a.db");
  Result<Statement> values = database.statement("SELECT ?1, ?2, ?3");
  ASSERT_TRUE(values);
  ASSERT_TRUE(values->bind_text(1, {}).bind_blob(2, {}).bind_null(3).step());
  EXPECT_FALSE(values->is_null(0));
  EXPECT_FALSE(values->is_null(1));
  EXPECT_TRUE(values->is_null(2));
  EXPECT_EQ(values->bytes(1), "");
}

TEST(Database, AReaderWritesNothing) {
  const TestFolder folder;
  Database writer = open(folder.path() / "a.db");
  ASSERT_TRUE(writer.execute("CREATE TABLE t (a)"));
  Database reader = open(folder.path() / "a.db", Database::Access::kReader);
  EXPECT_FALSE(reader.execute("INSERT INTO t VALUES (1)"));
  EXPECT_FALSE(Database::open(folder.path() / "none.db", Database::Access::kReader));
}

TEST(Database, ACheckpointThatAReaderHoldsBackIsNotComplete) {
  const TestFolder folder;
  Database writer = open(folder.path() / "a.db");
  Database checkpointer = open(folder.path() / "a.db");
  ASSERT_TRUE(writer.execute("CREATE TABLE t (a)"));
  Database reader = open(folder.path() / "a.db", Database::Access::kReader);
  {
    Result<Transaction> moment = Transaction::begin(reader);
    EXPECT_EQ(count(reader), 0);
    ASSERT_TRUE(writer.execute("INSERT INTO t VALUES (1)"));
    EXPECT_GT(writer.log_frames(), 0u);
    const auto held_back = checkpointer.checkpoint();
    ASSERT_TRUE(held_back);
    EXPECT_FALSE(held_back->complete());
  }
  const auto done = checkpointer.checkpoint();
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->complete());
}

TEST(Database, AFileThatIsNoneOfSqlitesIsNamedAsDamaged) {
  const TestFolder folder;
  const std::filesystem::path file = folder.path() / "a.db";
  std::ofstream(file) << std::string(8192, 'x');
  const Result<Database> database = Database::open(file, Database::Access::kWriter);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kStoreCorrupt);
  EXPECT_NE(database.error().text.find(file.string()), std::string::npos);
  EXPECT_NE(database.error().text.find("ferry check"), std::string::npos);
}

TEST(Database, ACopyHasWhatIsOnlyInTheLog) {
  const TestFolder folder;
  Database database = open(folder.path() / "a.db");
  ASSERT_TRUE(database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(database.copy_to(folder.path() / "b.db"));
  Database copy = open(folder.path() / "b.db");
  EXPECT_EQ(count(copy), 1);
}

TEST(Database, RemovingTakesTheLogAlong) {
  const TestFolder folder;
  const std::filesystem::path file = folder.path() / "a.db";
  {
    Database database = open(file);
    ASSERT_TRUE(database.execute("CREATE TABLE t (a)"));
    ASSERT_TRUE(std::filesystem::exists(folder.path() / "a.db-wal"));
    EXPECT_TRUE(*database_exists(file, {}));
    ASSERT_TRUE(remove_database(file, {}));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(*database_exists(file, {}));
  EXPECT_TRUE(remove_database(file, {}));
  EXPECT_FALSE(database_exists(file, "no-such-vfs"));
}

}  // namespace
}  // namespace ferry::store
