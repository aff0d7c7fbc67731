#include "store/sync_failure.h"

#include <gtest/gtest.h>

#include "store/simulated_vfs.h"
#include "store/sqlite_tables.h"
#include "store/test_rows.h"

// The tables on a disk whose syncs fail: what is then believed, and what is left of it.

namespace ferry::store {

using namespace test;

namespace {

using Fault = SimulatedDisk::Fault;

CommitRun run_of(Position position, TimePoint time) {
  const std::int64_t id = id_at(time, static_cast<std::int64_t>(position));
  CommitRun run(id - 1);
  const Delivery delivery = make_delivery({.id = DeliveryId{id}});
  run.add(position, publish(make_message({.id = MessageId{id}}), delivery, time), 0);
  return run;
}

// The tables of one disk, over lives that end as they should or with the power.
class Lives {
 public:
  SimulatedDisk& disk() { return *disk_; }
  SqliteTables& operator*() { return *tables_; }
  SqliteTables* operator->() { return tables_.get(); }

  bool open() {
    tables_.reset();
    auto opened = SqliteTables::open({.folder = "/data",
                                      .vfs = vfs_.name(),
                                      .list = [this](const std::filesystem::path& folder) {
                                        return disk_->list(folder.string());
                                      }});
    if (!opened) EXPECT_NE(opened.error().code, ErrorCode::kStoreCorrupt) << opened.error().text;
    if (opened) tables_ = std::move(*opened);
    return opened.has_value();
  }

  void crash(std::uint64_t seed) {
    disk_->fail_operation(1, Fault::kPowerOff);
    tables_.reset();
    Random random(seed);
    disk_->crash(random);
  }

 private:
  const std::shared_ptr<SimulatedDisk> disk_ = std::make_shared<SimulatedDisk>();
  const SimulatedVfs vfs_{disk_};
  std::unique_ptr<SqliteTables> tables_;
};

bool is_whole(TableFile& file) {
  const auto problems = file.writer().quick_check();
  return problems && problems->empty();
}

TEST(SyncFailure, IsFinalForEveryFile) {
  Lives tables;
  ASSERT_TRUE(tables.open());
  ASSERT_TRUE(tables->apply(run_of(1, at(0))));
  ASSERT_TRUE(tables->checkpoint());
  ASSERT_TRUE(tables->apply(run_of(2, at(1))));
  EXPECT_TRUE(tables->check_syncs());
  tables.disk().fail_operation(1, Fault::kDiskFull);
  EXPECT_FALSE(tables->checkpoint());
  EXPECT_EQ(tables->checkpoint().error().code, ErrorCode::kStoreIo)
      << "though the disk works again";
  EXPECT_EQ(tables->check_syncs().error().code, ErrorCode::kStoreIo);
  EXPECT_EQ(tables->synced(), 1u);
  const auto day = *tables->history().find(utc_day(at(0)));
  EXPECT_FALSE(day->file().checkpoint()) << "another file than the one that failed";
}

TEST(SyncFailure, LeavesTheLogToTheNextStart) {
  Lives tables;
  ASSERT_TRUE(tables.open());
  ASSERT_TRUE(tables->apply(run_of(1, at(0))));
  tables.disk().fail_operation(1, Fault::kIoError);
  EXPECT_FALSE(tables->checkpoint());
  ASSERT_TRUE(tables.open());
  EXPECT_EQ(tables->applied(), 1u);
  EXPECT_EQ(tables->synced(), 1u);
  EXPECT_TRUE(tables->checkpoint());
}

// The next checkpoint writes it again.
TEST(SyncFailure, IsNotAWriteThatFails) {
  Lives tables;
  ASSERT_TRUE(tables.open());
  ASSERT_TRUE(tables->apply(run_of(1, at(0))));
  tables.disk().fail_operation(3, Fault::kIoError);  // behind the syncs of log and folder
  EXPECT_FALSE(tables->checkpoint());
  EXPECT_TRUE(tables->check_syncs());
  EXPECT_TRUE(tables->checkpoint());
  EXPECT_EQ(tables->synced(), 1u);
}

// What the failed sync covered is shown as if it were there: the next start must not take the
// disk's word for it when it moves the log.
TEST(SyncFailure, AndAPowerLossInTheNextStartLeaveWholeFiles) {
  for (std::uint64_t n = 1; n <= 25; ++n) {
    Lives tables;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      SCOPED_TRACE(testing::Message() << "power off at operation " << n << ", seed " << seed);
      ASSERT_TRUE(tables.open());
      const Position position = tables->applied() + 1;
      ASSERT_TRUE(tables->apply(run_of(position, at(0))));
      // Of the one file or the other.
      if (seed % 2 == 1) ASSERT_TRUE(tables->state().file().checkpoint());
      tables.disk().fail_operation(1, Fault::kIoError);
      (void)tables->checkpoint();
      tables.disk().fail_operation(n, Fault::kPowerOff);
      (void)tables.open();
      tables.crash(seed);
      ASSERT_TRUE(tables.open());
      EXPECT_GE(tables->applied() + 1, position);
      EXPECT_TRUE(is_whole(tables->state().file()));
      const auto day = tables->history().find(utc_day(at(0)));
      ASSERT_TRUE(day);
      if (*day != nullptr) EXPECT_TRUE(is_whole((*day)->file()));
    }
  }
}

// Whatever an attempt left that made a day's file and failed: once the state refers to the day, the
// file is durable, and begins where it was made.
TEST(SyncFailure, OrAnyOtherWhenAFileIsMadeIsMadeGoodByTheRetry) {
  for (const Fault fault : {Fault::kIoError, Fault::kDiskFull}) {
    for (std::uint64_t n = 1; n <= 40; ++n) {
      SCOPED_TRACE(testing::Message() << "operation " << n << " fails");
      Lives tables;
      ASSERT_TRUE(tables.open());
      ASSERT_TRUE(tables->apply(run_of(1, at(0))));
      ASSERT_TRUE(tables->checkpoint());
      const CommitRun next_day = run_of(2, at(0) + std::chrono::days(1));
      tables.disk().fail_operation(n, fault);
      (void)tables->apply(next_day);
      tables.disk().fail_operation(0, fault);
      if (!tables->check_syncs()) ASSERT_TRUE(tables.open());
      ASSERT_TRUE(tables->apply(next_day));
      ASSERT_TRUE(tables->state().file().checkpoint());
      tables.crash(n);
      ASSERT_TRUE(tables.open());
      EXPECT_EQ(tables->applied(), 2u);
      EXPECT_GE(tables->lowest_applied(), 1u);
      EXPECT_GE(tables->lowest_missing(), 2u) << "the file of the day is lost";
    }
  }
}

}  // namespace
}  // namespace ferry::store
