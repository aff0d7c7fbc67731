#include "engine/flow_ledger.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

constexpr LaneId kA = 11;
constexpr LaneId kB = 12;
constexpr std::uint32_t kRoom = 1'000;

class FlowLedgerTest : public ::testing::Test {
 protected:
  bool add(LaneId queue, std::int64_t id, bool retry = false, std::uint32_t room = kRoom) {
    return ledger_.add(queue, {.id = DeliveryId{id}, .retry = retry}, room);
  }
  // The ids that start now, each in flight afterwards.
  std::vector<std::int64_t> start_all() {
    std::vector<std::int64_t> ids;
    LaneId queue = kTimeLane;
    while (const auto id = ledger_.next(queue)) ids.push_back(id->value);
    return ids;
  }
  static store::LanePlace place(std::int64_t id) { return {from_unix_ms(id), DeliveryId{id}}; }
  static store::LaneSlice slice(std::vector<std::int64_t> ids, bool complete) {
    store::LaneSlice made{.rows = {}, .complete = complete};
    for (const std::int64_t id : ids) {
      store::LoadedDelivery row;
      row.delivery.id = DeliveryId{id};
      row.delivery.due_at = from_unix_ms(id);
      made.rows.push_back(std::move(row));
    }
    return made;
  }

  FlowLedger ledger_{2, 4};
};

using Ids = std::vector<std::int64_t>;

TEST_F(FlowLedgerTest, KeepsQueuesOfHostsAndTenantsApart) {
  EXPECT_NE(FlowLedger::host_queue("a.test"), FlowLedger::host_queue("b.test"));
  EXPECT_NE(FlowLedger::host_queue("1"), FlowLedger::paused_queue(TenantId{1}));
  EXPECT_NE(FlowLedger::host_queue(""), kTimeLane);
}

TEST_F(FlowLedgerTest, NeverChangesTheIdsOfLanes) {  // they are stored
  EXPECT_EQ(FlowLedger::host_queue("example.com"), FlowLedger::host_queue("example.com"));
}

TEST_F(FlowLedgerTest, StartsAsManyAsAQueueMayHaveInFlight) {
  for (int id = 1; id <= 4; ++id) EXPECT_TRUE(add(kA, id));
  EXPECT_EQ(start_all(), (Ids{1, 2}));
  ledger_.ended(kA);
  EXPECT_EQ(start_all(), (Ids{3}));
  ledger_.ended(kA);
  ledger_.ended(kA);
  EXPECT_EQ(start_all(), (Ids{4}));
}

TEST_F(FlowLedgerTest, LetsQueuesTakeTurns) {
  for (int id = 1; id <= 2; ++id) add(kA, id);
  for (int id = 3; id <= 4; ++id) add(kB, id);
  EXPECT_EQ(start_all(), (Ids{1, 3, 2, 4}));
}

TEST_F(FlowLedgerTest, StartsFirstTriesBeforeRetries) {
  add(kA, 1, true);
  add(kA, 2, false);
  EXPECT_EQ(start_all(), (Ids{2, 1}));
}

TEST_F(FlowLedgerTest, TakesNoMoreThanItsLimit) {
  for (int id = 1; id <= 4; ++id) EXPECT_TRUE(add(kA, id));
  EXPECT_FALSE(add(kA, 5));
  EXPECT_TRUE(add(kB, 6));
}

TEST_F(FlowLedgerTest, TakesLessWhenTheWindowIsNearlyFull) {
  EXPECT_TRUE(add(kA, 1, false, 8));
  EXPECT_TRUE(add(kA, 2, false, 8));
  EXPECT_FALSE(add(kA, 3, false, 8));
  EXPECT_TRUE(add(kB, 4, false, 0));  // one always finds a place
  EXPECT_FALSE(add(kB, 5, false, 0));
}

TEST_F(FlowLedgerTest, AlwaysTakesWhatItsOwnLaneGaveBack) {
  EXPECT_TRUE(add(kA, 1, false, 0));
  EXPECT_TRUE(ledger_.add(kA, {.id = DeliveryId{2}, .from_lane = true}, 0));
  ledger_.set_blocked(kA, true);
  EXPECT_FALSE(ledger_.add(kA, {.id = DeliveryId{3}, .from_lane = true}, kRoom));
}

TEST_F(FlowLedgerTest, TakesAndStartsNothingWhileBlocked) {
  add(kA, 1);
  ledger_.set_blocked(kA, true);
  EXPECT_FALSE(add(kA, 2));
  EXPECT_EQ(start_all(), Ids{});
  ledger_.set_blocked(kA, false);
  EXPECT_EQ(start_all(), Ids{1});
}

TEST_F(FlowLedgerTest, ForgetsWhoLeft) {
  add(kA, 1);
  add(kA, 2, true);
  ledger_.forget(kA, DeliveryId{1});
  EXPECT_EQ(start_all(), Ids{2});
  add(kB, 3);
  ledger_.forget(kB, DeliveryId{3});
  EXPECT_EQ(start_all(), Ids{});
}

TEST_F(FlowLedgerTest, ShowsTheHeadsOfItsQueues) {
  add(kA, 1);
  add(kA, 2);
  add(kA, 3, true);
  EXPECT_EQ(ledger_.heads(), (std::vector<DeliveryId>{DeliveryId{1}, DeliveryId{3}}));
}

// ---- lanes

TEST_F(FlowLedgerTest, AsksForALaneOnceUntilItIsLoaded) {
  ledger_.parked(kA, place(5));
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].lane, kA);
  EXPECT_LT(wanted[0].after, place(5));
  EXPECT_EQ(wanted[0].until, TimePoint::max());
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  ledger_.loaded(kA, slice({5}, true));
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
}

TEST_F(FlowLedgerTest, GoesOnBehindTheRowsItGot) {
  ledger_.found_lane(kA);
  EXPECT_LT(ledger_.wanted_loads(kRoom).at(0).after, place(0));
  ledger_.loaded(kA, slice({5, 6}, false));
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].after, place(6));
}

TEST_F(FlowLedgerTest, SeesWhatIsParkedDuringALoad) {
  ledger_.parked(kA, place(5));
  ASSERT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
  ledger_.parked(kA, place(3));
  ledger_.loaded(kA, slice({5}, true));
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_LT(wanted[0].after, place(3));
}

TEST_F(FlowLedgerTest, BeginsAgainAfterAFailedLoad) {
  ledger_.parked(kA, place(5));
  ASSERT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
  ledger_.load_failed(kA);
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_LT(wanted[0].after, place(0));
}

TEST_F(FlowLedgerTest, LoadsOnlyQueuesThatRunLow) {
  for (int id = 1; id <= 4; ++id) add(kA, id);
  ledger_.parked(kA, place(5));
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  start_all();
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].rows_max, 3u);
}

TEST_F(FlowLedgerTest, LoadsNoBlockedQueue) {
  ledger_.set_blocked(kA, true);
  ledger_.parked(kA, place(5));
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  ledger_.set_blocked(kA, false);
  EXPECT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
}

TEST_F(FlowLedgerTest, SharesTheRoomAmongLanesInTurns) {
  for (LaneId lane = 1; lane <= 4; ++lane) ledger_.parked(lane, place(5));
  std::vector<LaneId> asked;
  for (int turn = 0; turn < 4; ++turn) {
    const auto wanted = ledger_.wanted_loads(1);
    ASSERT_EQ(wanted.size(), 1u);
    EXPECT_EQ(wanted[0].rows_max, 1u);
    asked.push_back(wanted[0].lane);
    ledger_.loaded(wanted[0].lane, slice({5}, false));
  }
  EXPECT_EQ(asked, (std::vector<LaneId>{1, 2, 3, 4}));
  EXPECT_TRUE(ledger_.wanted_loads(0).empty());
}

}  // namespace
}  // namespace ferry::engine
