#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "store/data_folder.h"
#include "store/embedded_store.h"
#include "store/sqlite_database.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

// Stepped, so that a test says what is in the tables and what only in the journal.
std::unique_ptr<EmbeddedStore> open(const std::filesystem::path& folder) {
  static Metrics metrics;
  EmbeddedOptions options;
  options.folder = folder;
  options.segment_bytes = 1u << 20;
  options.journal_bytes_max = 16u << 20;
  options.disk_free_bytes_min = 0;
  options.run_applier = false;
  auto store = EmbeddedStore::open(std::move(options), metrics);
  EXPECT_TRUE(store) << store.error().text;
  return store ? std::move(*store) : nullptr;
}

std::int64_t id_of(int n) { return id_at(at(n)); }

void publish_one(EmbeddedStore& store, int n) {
  const WriteSet sets[] = {publish(make_message({.id = MessageId{id_of(n)}}),
                                   make_delivery({.id = DeliveryId{id_of(n)}}), at(n))};
  ASSERT_TRUE(store.commit(sets));
}

void expect_deliveries(EmbeddedStore& store, int count) {
  for (int n = 0; n < count; ++n) EXPECT_TRUE(*store.delivery(DeliveryId{id_of(n)})) << n;
  EXPECT_EQ(store.totals()->deliveries, count);
  EXPECT_EQ(store.events({.filter = {.tenant = kTenant}})->events.size(),
            static_cast<std::size_t>(count));
}

// A store with rows in the tables and rows in the journal alone.
std::unique_ptr<EmbeddedStore> store_of_two(const std::filesystem::path& folder) {
  auto store = open(folder);
  publish_one(*store, 0);
  EXPECT_TRUE(store->barrier());
  publish_one(*store, 1);
  return store;
}

TEST(Backup, OfARunningStoreBecomesAStoreWithAllThatWasCommitted) {
  const TestFolder folder;
  const std::filesystem::path data = folder.path() / "data", backup = folder.path() / "backup";
  const auto store = store_of_two(data);
  ASSERT_TRUE(store->backup(backup));
  publish_one(*store, 2);  // too late for it
  ASSERT_TRUE(restore_folder(backup, folder.path() / "restored"));
  expect_deliveries(*open(folder.path() / "restored"), 2);
  expect_deliveries(*store, 3);
}

TEST(Backup, KeepsResourcesSequencesAndDeadLettersByKey) {
  const TestFolder folder;
  const std::filesystem::path backup = folder.path() / "backup";
  const Sequence sequence{.lane = 5, .tenant = kTenant, .held = {{DeliveryId{1}, 1}}};
  std::string before;
  {
    const auto store = open(folder.path() / "data");
    WriteSet set{{PutResource{make_queue("q")}, PutSequence{sequence}}};
    set.add(PutDeadLetter{make_dead_letter(DeadLetterId{id_of(1)},
                                           make_delivery({.id = DeliveryId{1}, .queue = "q"}),
                                           make_message({.id = MessageId{1}}))});
    const WriteSet in_tables[] = {set};
    ASSERT_TRUE(store->commit(in_tables));
    ASSERT_TRUE(store->barrier());
    const WriteSet in_journal[] = {WriteSet{{PutResource{make_schedule("s")}}}};
    ASSERT_TRUE(store->commit(in_journal));
    ASSERT_TRUE(store->backup(backup));
    before = describe(*store->catalog(at(0)));
  }
  ASSERT_TRUE(restore_folder(backup, folder.path() / "restored"));
  const auto restored = open(folder.path() / "restored");
  EXPECT_EQ(describe(*restored->catalog(at(0))), before);
  const PageRequest by_queue{.filter = {.tenant = kTenant, .queues = {"q"}}};
  EXPECT_EQ(restored->dead_letters(by_queue)->letters.size(), 1u);
}

TEST(Backup, IsNotRestoredOverAnything) {
  const TestFolder folder;
  const std::filesystem::path backup = folder.path() / "backup";
  ASSERT_TRUE(store_of_two(folder.path() / "data")->backup(backup));
  const Result<void> over_data = restore_folder(backup, folder.path() / "data");
  ASSERT_FALSE(over_data);
  EXPECT_EQ(over_data.error().code, ErrorCode::kInvalidRequest);
  const Result<void> from_nothing = restore_folder(folder.path() / "none", folder.path() / "new");
  ASSERT_FALSE(from_nothing);
  EXPECT_EQ(from_nothing.error().code, ErrorCode::kInvalidRequest);
}

TEST(Backup, ThatIsDamagedIsNotRestoredSilently) {
  const TestFolder folder;
  const std::filesystem::path backup = folder.path() / "backup";
  ASSERT_TRUE(store_of_two(folder.path() / "data")->backup(backup));
  std::filesystem::resize_file(DataFolder{backup}.state(), 4096 * 3);
  const Result<void> restored = restore_folder(backup, folder.path() / "restored");
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kStoreCorrupt);
}

TEST(CheckFolder, FindsASoundStoreSound) {
  const TestFolder folder;
  store_of_two(folder.path());
  const Result<CheckReport> report = check_folder(folder.path());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>());
  EXPECT_EQ(report->files, 2);
  EXPECT_GE(report->journal_records, 1u);
  EXPECT_GT(report->journal_bytes, 0u);
}

// What a kill leaves between the making of a file and the making of its tables.
void empty_file(const std::filesystem::path& file) { std::ofstream(file, std::ios::binary); }

TEST(CheckFolder, FindsAHistoryFileSoundThatWasMadeAndNotFilled) {
  const TestFolder folder;
  store_of_two(folder.path());
  empty_file(DataFolder{folder.path()}.history_of(utc_day(at(0)) + 1));
  const Result<CheckReport> report = check_folder(folder.path());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>());
  expect_deliveries(*open(folder.path()), 2);
}

TEST(CheckFolder, FindsStateWithoutTablesSoundInANewFolderOnly) {
  const TestFolder folder;
  const DataFolder data{folder.path()};
  store_of_two(folder.path());
  for (const auto& folder_of_store : {data.history(), data.journal()}) {
    std::filesystem::remove_all(folder_of_store);
    std::filesystem::create_directory(folder_of_store);
  }
  empty_file(data.state());
  ASSERT_TRUE(check_folder(folder.path()));
  EXPECT_EQ(check_folder(folder.path())->problems, std::vector<std::string>());

  empty_file(data.history_of(utc_day(at(0))));
  const std::vector<std::string> problems = check_folder(folder.path())->problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], "file " + data.state().string() + " has lost its tables");
}

TEST(CheckFolder, KnowsTheTablesOfTheFirstVersion) {
  const TestFolder folder;
  store_of_two(folder.path());
  {
    auto state = Database::open(DataFolder{folder.path()}.state(), Database::Access::kWriter);
    ASSERT_TRUE(state);
    ASSERT_TRUE(
        state->execute("DROP TABLE functions; DROP TABLE services;"
                       "DROP TABLE message_bodies; DROP TABLE letter_bodies;"
                       "UPDATE meta SET value = 1 WHERE key = 'schema_version'"));
  }
  const Result<CheckReport> report = check_folder(folder.path());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>());
}

TEST(CheckFolder, LeavesARunningStoreAlone) {
  const TestFolder folder;
  const auto store = store_of_two(folder.path());
  const Result<CheckReport> report = check_folder(folder.path());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kStoreLocked);
  EXPECT_EQ(check_folder(folder.path() / "none").error().code, ErrorCode::kNotFound);
}

TEST(CheckFolder, SaysWhatIsWrongWithWhichFile) {
  const TestFolder folder;
  store_of_two(folder.path());
  const DataFolder data{folder.path()};
  {
    auto state = Database::open(data.state(), Database::Access::kWriter);
    ASSERT_TRUE(state);
    ASSERT_TRUE(
        state->execute("DELETE FROM messages; UPDATE deliveries SET record = x'00';"
                       "UPDATE meta SET value = 9 WHERE key = 'deliveries';"
                       "INSERT INTO messages VALUES (5, 7, 0, 70000, NULL, NULL, x'00');"
                       "INSERT INTO message_bodies VALUES (5, 0, zeroblob(65536)), (6, 0, x'00');"
                       "INSERT INTO letter_bodies VALUES (79, 0, x'00');"
                       "INSERT INTO letter_keys VALUES (1, 2, 77);"
                       "INSERT INTO dead_letters VALUES (78, 7, 1, x'00');"
                       "INSERT INTO sequences VALUES (5, 7, 1, x'00')"));
    std::ofstream(data.history_of(utc_day(at(0))), std::ios::binary) << std::string(8192, 'x');
  }
  const Result<CheckReport> report = check_folder(folder.path());
  ASSERT_TRUE(report);
  const auto mentions = [&](std::string_view text) {
    return std::ranges::any_of(report->problems, [&](const std::string& problem) {
      return problem.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(mentions("delivery " + std::to_string(id_of(0)) + " has no message"));
  EXPECT_TRUE(mentions("table deliveries: reading a stored delivery"));
  EXPECT_TRUE(mentions("meta table says 9"));
  EXPECT_TRUE(mentions("dead letter 77 is gone, but has a row in letter_keys"));
  EXPECT_TRUE(mentions("dead letter 78 has no row in letter_keys"));
  EXPECT_TRUE(mentions("message 5 lacks pieces of its body"));
  EXPECT_TRUE(mentions("message 6 is gone, but has rows in message_bodies"));
  EXPECT_TRUE(mentions("dead letter 79 is gone, but has rows in letter_bodies"));
  EXPECT_TRUE(mentions("table sequences: reading a stored sequence"));
  EXPECT_TRUE(mentions(data.history_of(utc_day(at(0))).string() + " is damaged"));
}

}  // namespace
}  // namespace ferry::store
