#include "store/sqlite_tables.h"

#include <gtest/gtest.h>

#include <limits>

#include "store/statements.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

constexpr TimePoint kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

std::unique_ptr<SqliteTables> open(const TestFolder& folder) {
  auto tables = SqliteTables::open({.folder = folder.path(), .vfs = {}});
  EXPECT_TRUE(tables) << tables.error().text;
  return tables ? std::move(*tables) : nullptr;
}

CommitRun run_of(Position position, WriteSet set, std::int64_t last_id = 0) {
  CommitRun run(last_id);
  run.add(position, set, 0);
  return run;
}

WriteSet publish_at(TimePoint time, std::int64_t n = 0) {
  const std::int64_t id = id_at(time, n);
  return publish(make_message({.id = MessageId{id}}), make_delivery({.id = DeliveryId{id}}), time);
}

std::int64_t count(TableFile& file, std::string_view table) {
  Result<Statement> rows = file.writer().statement("SELECT count(*) FROM " + std::string(table));
  EXPECT_TRUE(rows && rows->step());
  return rows ? rows->integer(0) : -1;
}

std::shared_ptr<HistoryTables> day_of(SqliteTables& tables, TimePoint time) {
  return *tables.history().find(utc_day(time));
}

TEST(SqliteTables, ApplyARunOnce) {
  const TestFolder folder;
  const auto tables = open(folder);
  const CommitRun run = run_of(1, publish_at(at(0)));
  ASSERT_TRUE(tables->apply(run));
  ASSERT_TRUE(tables->apply(run));
  EXPECT_EQ(tables->applied(), 1u);
  EXPECT_EQ(count(day_of(*tables, at(0))->file(), "entries"), 1);
  EXPECT_EQ(count(day_of(*tables, at(0))->file(), "entry_keys"), 1);  // the URL
  EXPECT_EQ(tables->state().totals()->deliveries, 1);
}

TEST(SqliteTables, WhatBeginsAndEndsInOneRunNeverTouchesTheStateFile) {
  const TestFolder folder;
  const auto tables = open(folder);
  CommitRun run(0);
  run.add(1, publish_at(at(0)), 0);
  run.add(2,
          finish(make_delivery({.id = DeliveryId{id_at(at(0))}}),
                 {make_event(at(1), EventState::kDelivered)}),
          0);
  ASSERT_TRUE(tables->apply(run));
  EXPECT_EQ(count(tables->state().file(), "messages"), 0);
  EXPECT_EQ(count(day_of(*tables, at(0))->file(), "messages"), 1);
  EXPECT_EQ(count(day_of(*tables, at(0))->file(), "entries"), 1);
}

TEST(SqliteTables, CountRowsThatComeAndGo) {
  const TestFolder folder;
  const auto tables = open(folder);
  const std::int64_t id = id_at(at(0));
  ASSERT_TRUE(tables->apply(run_of(1, publish_at(at(0)))));
  ASSERT_TRUE(tables->apply(run_of(2, publish_at(at(0)), id)));  // the same row again
  EXPECT_EQ(tables->state().totals()->deliveries, 1);
  WriteSet dead;
  dead.add(DropDelivery{DeliveryId{id}});
  dead.add(DropDelivery{DeliveryId{id + 1}});  // was never there
  dead.add(PutDeadLetter{make_dead_letter(DeadLetterId{id}, make_delivery({.id = DeliveryId{id}}),
                                          make_message({.id = MessageId{id}}))});
  ASSERT_TRUE(tables->apply(run_of(3, std::move(dead), id + 1)));
  EXPECT_EQ(tables->state().totals()->deliveries, 0);
  EXPECT_EQ(tables->state().totals()->dead_letters, 1);
  ASSERT_TRUE(tables->apply(run_of(4, WriteSet{{PruneDeadLetters{at(1)}}}, id + 1)));
  EXPECT_EQ(tables->state().totals()->dead_letters, 0);
  EXPECT_EQ(tables->state().totals()->position, 4u);
}

WriteSet dead_letter(std::int64_t id, const MessagePtr& message, std::string queue) {
  return WriteSet{{PutDeadLetter{
      make_dead_letter(DeadLetterId{id},
                       make_delivery({.id = DeliveryId{1}, .queue = std::move(queue)}), message)}}};
}

TEST(SqliteTables, TheKeysOfADeadLetterComeAndGoWithIt) {
  const TestFolder folder;
  const auto tables = open(folder);
  const auto keys = [&] { return count(tables->state().file(), "letter_keys"); };
  const std::int64_t early = id_at(at(0)), late = id_at(at(10));
  const MessagePtr plain = make_message({.id = MessageId{1}});
  const MessagePtr labelled =
      make_message({.id = MessageId{1}, .labels = {"a", "b", "a"}, .flow_key = "f"});
  ASSERT_TRUE(tables->apply(run_of(1, dead_letter(early, plain, ""))));
  EXPECT_EQ(keys(), 1);  // the URL
  ASSERT_TRUE(tables->apply(run_of(2, dead_letter(late, labelled, "q"), early)));
  EXPECT_EQ(keys(), 1 + 5);  // URL, queue, flow key and two labels
  ASSERT_TRUE(tables->apply(run_of(3, dead_letter(late, plain, "q"), late)));
  EXPECT_EQ(keys(), 1 + 2);
  ASSERT_TRUE(tables->apply(run_of(4, WriteSet{{PruneDeadLetters{at(5)}}}, late)));
  EXPECT_EQ(keys(), 2);
  ASSERT_TRUE(tables->apply(run_of(5, WriteSet{{DropDeadLetter{DeadLetterId{late}}}}, late)));
  EXPECT_EQ(keys(), 0);
}

TEST(SqliteTables, ASharedMessageGoesWithTheLastDeliveryOfAnyRun) {
  const TestFolder folder;
  const auto tables = open(folder);
  const auto messages = [&] { return count(tables->state().file(), "messages"); };
  const auto end = [](std::int64_t id) {
    return WriteSet{{DropDelivery{DeliveryId{id}}, ReleaseMessage{MessageId{1}}}};
  };
  CommitRun first(0);
  WriteSet set{{PutMessage{make_message({.id = MessageId{1}})}}};
  for (std::int64_t id = 1; id <= 3; ++id) {
    set.add(PutDelivery{make_delivery({.id = DeliveryId{id}, .message_id = MessageId{1}})});
  }
  first.add(1, set, 0);
  first.add(2, end(1), 0);
  ASSERT_TRUE(tables->apply(first));
  EXPECT_EQ(messages(), 1);
  ASSERT_TRUE(tables->apply(run_of(3, end(3), 3)));
  EXPECT_EQ(messages(), 1);
  ASSERT_TRUE(tables->apply(run_of(4, end(2), 3)));
  EXPECT_EQ(messages(), 0);
}

// A partial index serves only a query that repeats its condition.
TEST(SqliteTables, RareDeliveriesAreFoundByTheirPartialIndexes) {
  const TestFolder folder;
  const auto tables = open(folder);
  const auto plan_of = [&](std::string_view query) {
    std::string plan;
    Result<Statement> rows =
        tables->state().file().writer().statement("EXPLAIN QUERY PLAN " + std::string(query));
    while (rows && *rows->step()) plan.append(rows->bytes(3)).append("\n");
    return plan;
  };
  const auto serves = [&](std::string_view index, std::string_view query) {
    return plan_of(query).find(index) != std::string::npos;
  };
  EXPECT_TRUE(serves("COVERING INDEX deliveries_by_sequence", sql::kSequenceSize))
      << plan_of(sql::kSequenceSize);
  EXPECT_TRUE(serves("INDEX deliveries_by_message", sql::kReleaseMessage))
      << plan_of(sql::kReleaseMessage);
  EXPECT_TRUE(serves("INDEX deliveries_by_queue", sql::kDeliveriesOfQueueDown))
      << plan_of(sql::kDeliveriesOfQueueDown);
  EXPECT_TRUE(serves("INDEX letter_keys_by_letter", sql::kDropLetterKeys));
}

TEST(SqliteTables, ResourcesShowWhatAnOperatorAsksFor) {
  const TestFolder folder;
  const auto tables = open(folder);
  const Sequence sequence{.lane = 1ull << 63, .tenant = kTenant, .held = {{DeliveryId{4}, 2}}};
  ASSERT_TRUE(tables->apply(
      run_of(1, WriteSet{{PutResource{make_queue("q")}, PutResource{make_url_group("g")},
                          PutResource{make_schedule("s")}, PutResource{make_flow_key("f")},
                          PutSequence{sequence}}})));
  const auto row = [&](const std::string& query) {
    Result<Statement> rows = tables->state().file().writer().statement(query);
    EXPECT_TRUE(rows && rows->step());
    return rows ? std::string(rows->bytes(0)) : "";
  };
  EXPECT_EQ(row("SELECT tenant || name || parallelism || paused FROM queues"), "7q31");
  EXPECT_EQ(row("SELECT tenant || name || endpoints FROM url_groups"), "7g2");
  EXPECT_EQ(row("SELECT name || cron || destination || paused FROM schedules"),
            "s*/5 * * * *https://example.com/tick1");
  EXPECT_EQ(row("SELECT next_tick FROM schedules"), std::to_string(to_unix_ms(at(600'000))));
  EXPECT_EQ(
      row("SELECT name || parallelism || '/' || rate || '/' || period || paused FROM flow_keys"),
      "f4/100/600001");
  EXPECT_EQ(row("SELECT tenant || held FROM sequences WHERE lane < 0"), "71");
}

TEST(SqliteTables, AFileBehindTheOthersMarksWhereReplayBegins) {
  const TestFolder folder;
  const TestFolder earlier;
  {
    const auto tables = open(folder);
    ASSERT_TRUE(tables->apply(run_of(1, publish_at(kMidnight - Duration(1)))));
    ASSERT_TRUE(tables->apply(run_of(2, publish_at(kMidnight))));
    ASSERT_TRUE(tables->copy_to(DataFolder{earlier.path() / "copy"}, [] {}));
    ASSERT_TRUE(tables->apply(run_of(3, publish_at(kMidnight, 1))));
    EXPECT_EQ(tables->applied(), 3u);
  }
  {
    const auto tables = open(folder);  // day one is at 1, and has all it must have
    EXPECT_EQ(tables->lowest_applied(), 3u);
    EXPECT_EQ(tables->highest_applied(), 3u);
    EXPECT_EQ(tables->replay_borders(), (std::set<Position>{1, 3}));
  }
  const DataFolder now{folder.path()}, before{earlier.path() / "copy"};
  std::filesystem::copy_file(before.history_of(utc_day(kMidnight)),
                             now.history_of(utc_day(kMidnight)),
                             std::filesystem::copy_options::overwrite_existing);
  const auto tables = open(folder);
  EXPECT_EQ(tables->lowest_applied(), 2u);
  ASSERT_TRUE(tables->apply(run_of(3, publish_at(kMidnight, 1))));
  EXPECT_EQ(count(day_of(*tables, kMidnight)->file(), "entries"), 2);
  EXPECT_EQ(tables->state().totals()->deliveries, 3);
}

TEST(SqliteTables, OnlyWhatACheckpointMovedIsSynced) {
  const TestFolder folder;
  const auto tables = open(folder);
  ASSERT_TRUE(tables->checkpoint());
  ASSERT_TRUE(tables->apply(run_of(1, publish_at(at(0)))));
  EXPECT_EQ(tables->synced(), 0u);
  ASSERT_TRUE(tables->checkpoint());
  EXPECT_EQ(tables->synced(), 1u);
  ASSERT_TRUE(tables->apply(run_of(2, publish_at(kMidnight))));
  EXPECT_EQ(tables->synced(), 1u);  // the day's file was synced when it was made
  ASSERT_TRUE(tables->checkpoint());
  EXPECT_EQ(tables->synced(), 2u);
  EXPECT_EQ(day_of(*tables, at(0))->file().synced(), std::numeric_limits<Position>::max());
}

TEST(SqliteTables, HistoryIsDroppedByDayAndBySizeAndNeverComesBack) {
  const TestFolder folder;
  const std::int64_t today = utc_day(kMidnight);
  const auto days = [](SqliteTables& tables) { return tables.history().days(); };
  {
    const auto tables = open(folder);
    Position position = 0;
    for (int day = 0; day < 4; ++day) {
      const TimePoint time = kMidnight + std::chrono::days(day);
      ASSERT_TRUE(tables->apply(run_of(++position, publish_at(time))));
    }
    EXPECT_EQ(*tables->drop_history(today + 1, 0), 1);
    EXPECT_EQ(days(*tables), (std::vector<std::int64_t>{today + 1, today + 2, today + 3}));
    EXPECT_EQ(*tables->drop_history(today, 0), 0);
    EXPECT_EQ(*tables->drop_history(today, tables->history().bytes() - 1), 1);
    EXPECT_EQ(*tables->drop_history(today + 9, 1), 1);  // the newest file stays
    EXPECT_EQ(days(*tables), (std::vector<std::int64_t>{today + 3}));
    ASSERT_TRUE(
        tables->apply(run_of(++position, publish_at(kMidnight, 1))));  // of a day that is gone
    EXPECT_EQ(days(*tables), (std::vector<std::int64_t>{today + 3}));
    EXPECT_EQ(tables->state().totals()->deliveries, 5);
  }
  // Cut short between forgetting and removing, a file is there at the next start.
  ASSERT_TRUE(make_file(DataFolder{folder.path()}.history_of(today)));
  const auto tables = open(folder);
  EXPECT_EQ(days(*tables), (std::vector<std::int64_t>{today + 3}));
  EXPECT_FALSE(std::filesystem::exists(DataFolder{folder.path()}.history_of(today)));
}

// Another program that reads one file of ours since a moment ago.
class ForeignReader {
 public:
  explicit ForeignReader(const std::filesystem::path& file)
      : database_(*Database::open(file, Database::Access::kReader)) {
    EXPECT_TRUE(database_.execute("BEGIN; SELECT count(*) FROM meta"));
  }

 private:
  Database database_;
};

TEST(SqliteTables, HistoryStaysWhileAReaderKeepsItFromBeingForgottenDurably) {
  const TestFolder folder;
  const auto tables = open(folder);
  ASSERT_TRUE(tables->apply(run_of(1, publish_at(kMidnight))));
  ASSERT_TRUE(tables->apply(run_of(2, publish_at(kMidnight + std::chrono::days(1)))));
  const std::int64_t today = utc_day(kMidnight);
  {
    const ForeignReader reader(DataFolder{folder.path()}.state());
    EXPECT_EQ(*tables->drop_history(today + 1, 0), 0);
    EXPECT_TRUE(std::filesystem::exists(DataFolder{folder.path()}.history_of(today)));
  }
  EXPECT_EQ(*tables->drop_history(today + 1, 0), 1);
  EXPECT_FALSE(std::filesystem::exists(DataFolder{folder.path()}.history_of(today)));
}

TEST(SqliteTables, AFileThatTheStateDoesNotKnowIsOnlyTakenWhenItIsSynced) {
  const TestFolder folder;
  const std::string store_id = open(folder)->store_id();
  const std::filesystem::path file = DataFolder{folder.path()}.history_of(utc_day(kMidnight));
  const auto tables = HistoryTables::open(file, {{}, store_id, std::make_shared<SyncFailure>()});
  ASSERT_TRUE(tables);
  {
    const ForeignReader reader(file);
    const auto no_keys = [](MessageId) { return MessageKeys{}; };
    ASSERT_TRUE((*tables)->apply(run_of(1, publish_at(kMidnight)), {}, no_keys, {}));
    const auto opened = SqliteTables::open({.folder = folder.path(), .vfs = {}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kStoreIo);
  }
  EXPECT_NE(open(folder), nullptr);
}

TEST(SqliteTables, FewHistoryFilesStayOpen) {
  const TestFolder folder;
  const auto tables = open(folder);
  for (int day = 0; day < 8; ++day) {
    const TimePoint time = kMidnight + std::chrono::days(day);
    ASSERT_TRUE(tables->apply(run_of(static_cast<Position>(day) + 1, publish_at(time))));
  }
  EXPECT_EQ(tables->history().open_files().size(), 8u);  // unsynced ones
  ASSERT_TRUE(tables->checkpoint());
  EXPECT_EQ(tables->history().open_files().size(), 4u);
  EXPECT_EQ(tables->history().days().size(), 8u);
  EXPECT_NE(tables->content(MessageId{id_at(kMidnight)}).value_or(nullptr), nullptr);
}

TEST(SqliteTables, AMixedFolderIsRefusedAndTheFileNamed) {
  const TestFolder folder, other;
  ASSERT_TRUE(open(folder)->apply(run_of(1, publish_at(at(0)))));
  ASSERT_TRUE(open(other)->apply(run_of(1, publish_at(at(0)))));
  const std::filesystem::path mine = DataFolder{folder.path()}.history_of(utc_day(at(0)));
  std::filesystem::copy_file(DataFolder{other.path()}.history_of(utc_day(at(0))), mine,
                             std::filesystem::copy_options::overwrite_existing);
  const auto tables = SqliteTables::open({.folder = folder.path(), .vfs = {}});
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, ErrorCode::kStoreCorrupt);
  EXPECT_NE(tables.error().text.find(mine.string()), std::string::npos);
}

TEST(SqliteTables, AStateFileThatIsGoneIsNotMadeAnew) {
  const TestFolder folder;
  ASSERT_TRUE(open(folder)->apply(run_of(1, publish_at(at(0)))));
  std::filesystem::remove(DataFolder{folder.path()}.state());
  const auto tables = SqliteTables::open({.folder = folder.path(), .vfs = {}});
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, ErrorCode::kStoreCorrupt);
}

}  // namespace
}  // namespace ferry::store
