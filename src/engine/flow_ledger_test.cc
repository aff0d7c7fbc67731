#include "engine/flow_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace ferry::engine {
namespace {

constexpr LaneId kA = 11;
constexpr LaneId kB = 12;
constexpr LaneId kHost = 21;
constexpr std::uint32_t kRoom = 1'000;
constexpr LineRule kBlocked{.blocked = true};
constexpr LineRule kOneSlot{.kind = LineKind::kSequence, .slots = 1};
constexpr LineRule kFlow{.kind = LineKind::kFlow};

class FlowLedgerTest : public ::testing::Test {
 protected:
  bool add(LaneId queue, std::int64_t id, bool retry = false, std::uint32_t room = kRoom) {
    return ledger_.add(queue, {}, {.id = DeliveryId{id}, .host = queue, .retry = retry}, room);
  }
  // The ids that start now, each in flight afterwards.
  std::vector<std::int64_t> start_all() {
    std::vector<std::int64_t> ids;
    while (const auto next = ledger_.next(now_)) {
      ids.push_back(next->id.value);
      if (next->starts) running_.push_back(next->claim);
    }
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

  // Joins a strict line on the way to `host`.
  bool join(LaneId line, const LineRule& rule, std::int64_t id, LaneId host = kHost) {
    return ledger_.add(line, rule, {.id = DeliveryId{id}, .host = host}, kRoom);
  }
  static FlowKey key(std::int32_t parallelism, std::int32_t rate = 0) {
    FlowKey made;
    made.parallelism = parallelism;
    made.rate = rate;
    made.period = std::chrono::seconds(10);
    return made;
  }

  // The attempt to the host that began first ended.
  void end(LaneId host) {
    const auto first = std::ranges::find(running_, host, &Claim::host);
    ASSERT_NE(first, running_.end());
    ledger_.ended(*first, AttemptEnd::kQuickAnswer, now_);
    running_.erase(first);
  }

  TimePoint now_ = from_unix_ms(1'000'000);
  FlowLedger ledger_{{.slots = 1'000, .host_slots = 2, .ready_max = 4}};
  std::vector<Claim> running_;
};

using Ids = std::vector<std::int64_t>;

TEST_F(FlowLedgerTest, KeepsLinesOfHostsAndTenantsApart) {
  EXPECT_NE(FlowLedger::host_id("a.test"), FlowLedger::host_id("b.test"));
  EXPECT_NE(FlowLedger::host_id("1"), FlowLedger::paused_line(TenantId{1}));
  EXPECT_NE(FlowLedger::host_id(""), kTimeLane);
}

TEST_F(FlowLedgerTest, NeverChangesTheIdsOfLanes) {  // they are stored
  EXPECT_EQ(FlowLedger::host_id("example.com"), FlowLedger::host_id("example.com"));
}

TEST_F(FlowLedgerTest, StartsAsManyAsALineMayHaveInFlight) {
  for (int id = 1; id <= 4; ++id) EXPECT_TRUE(add(kA, id));
  EXPECT_EQ(start_all(), (Ids{1, 2}));
  end(kA);
  EXPECT_EQ(start_all(), (Ids{3}));
  end(kA);
  end(kA);
  EXPECT_EQ(start_all(), (Ids{4}));
}

TEST_F(FlowLedgerTest, LetsLinesTakeTurns) {
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
  EXPECT_TRUE(ledger_.add(kA, {}, {.id = DeliveryId{2}, .host = kA, .from_lane = true}, 0));
  ledger_.set_rule(kA, kBlocked);
  EXPECT_FALSE(
      ledger_.add(kA, kBlocked, {.id = DeliveryId{3}, .host = kA, .from_lane = true}, kRoom));
}

TEST_F(FlowLedgerTest, TakesAndStartsNothingWhileBlocked) {
  add(kA, 1);
  ledger_.set_rule(kA, kBlocked);
  EXPECT_FALSE(ledger_.takes(kA, kBlocked, kRoom));
  EXPECT_EQ(start_all(), Ids{});
  ledger_.set_rule(kA, {});
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

TEST_F(FlowLedgerTest, ShowsTheHeadsOfItsLines) {
  add(kA, 1);
  add(kA, 2);
  add(kA, 3, true);
  EXPECT_EQ(ledger_.heads(), (std::vector<DeliveryId>{DeliveryId{1}, DeliveryId{3}}));
}

// ---- sequences

TEST_F(FlowLedgerTest, GivesTheSlotsOfASequenceInOrder) {
  for (int id = 1; id <= 3; ++id) EXPECT_TRUE(join(kA, kOneSlot, id));
  const auto first = ledger_.next(now_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, DeliveryId{1});
  EXPECT_FALSE(first->starts);
  EXPECT_FALSE(ledger_.next(now_));
  ledger_.release_slot(kA);
  EXPECT_EQ(start_all(), Ids{2});
}

TEST_F(FlowLedgerTest, CountsSlotsHeldFromBefore) {
  ledger_.hold_slot(kA);
  EXPECT_TRUE(join(kA, kOneSlot, 1));
  EXPECT_EQ(start_all(), Ids{});
  ledger_.release_slot(kA);
  EXPECT_EQ(start_all(), Ids{1});
}

TEST_F(FlowLedgerTest, LetsMoreStartWhenASequenceGetsMoreSlots) {
  for (int id = 1; id <= 3; ++id) EXPECT_TRUE(join(kA, kOneSlot, id));
  EXPECT_EQ(start_all(), Ids{1});
  LineRule wider = kOneSlot;
  wider.slots = 2;
  ledger_.set_rule(kA, wider);
  EXPECT_EQ(start_all(), Ids{2});
}

TEST_F(FlowLedgerTest, NobodyJoinsAStrictLineWhileSomebodyIsParked) {
  EXPECT_TRUE(join(kA, kOneSlot, 1));
  ledger_.parked(kA, place(5));
  EXPECT_FALSE(join(kA, kOneSlot, 6));
  EXPECT_FALSE(ledger_.takes(kA, kOneSlot, kRoom));
  ASSERT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
  EXPECT_FALSE(join(kA, kOneSlot, 6));  // the load is under way
  ledger_.loaded(kA, slice({5}, true));
  EXPECT_TRUE(join(kA, kOneSlot, 6));
}

TEST_F(FlowLedgerTest, KeepsFewOfASlowSequenceInMemory) {
  int joined = 0;
  while (join(kA, {.kind = LineKind::kSequence, .slots = 1}, joined + 1)) ++joined;
  EXPECT_EQ(joined, 4);
}

// ---- flow keys

TEST_F(FlowLedgerTest, StartsAsManyAsAKeyAllowsAtOnce) {
  FlowLedger ledger({.slots = 1'000, .host_slots = 10, .ready_max = 100});
  ledger.set_permit(kA, key(2));
  for (int id = 1; id <= 4; ++id) {
    EXPECT_TRUE(ledger.add(kA, kFlow, {.id = DeliveryId{id}, .host = kHost}, kRoom));
  }
  std::vector<Claim> claims;
  while (const auto next = ledger.next(now_)) claims.push_back(next->claim);
  EXPECT_EQ(claims.size(), 2u);
  EXPECT_EQ(ledger.permit(kA)->in_use(), 2);
  ledger.ended(claims.at(0), AttemptEnd::kQuickAnswer, now_);
  EXPECT_EQ(ledger.next(now_)->id, DeliveryId{3});
}

TEST_F(FlowLedgerTest, StartsNoMoreThanTheRateWithinAWindow) {
  FlowLedger ledger({.slots = 1'000, .host_slots = 10, .ready_max = 100});
  ledger.set_permit(kA, key(0, 2));
  for (int id = 1; id <= 4; ++id) {
    EXPECT_TRUE(ledger.add(kA, kFlow, {.id = DeliveryId{id}, .host = kHost}, kRoom));
  }
  EXPECT_TRUE(ledger.next(now_) && ledger.next(now_));
  EXPECT_FALSE(ledger.next(now_));
  EXPECT_EQ(ledger.next_window(), now_ + std::chrono::seconds(10));
  EXPECT_FALSE(ledger.next(now_ + std::chrono::milliseconds(9'999)));
  const TimePoint later = now_ + std::chrono::seconds(10);
  EXPECT_TRUE(ledger.next(later) && ledger.next(later));
  EXPECT_EQ(ledger.next_window(), TimePoint::max());
}

TEST_F(FlowLedgerTest, TellsWhichWindowsMustBeStored) {
  ledger_.set_permit(kA, key(0, 2));
  EXPECT_TRUE(join(kA, kFlow, 1));
  EXPECT_EQ(start_all(), Ids{1});
  EXPECT_EQ(ledger_.take_reserved(), std::set<LaneId>{kA});
  EXPECT_TRUE(ledger_.take_reserved().empty());
  EXPECT_EQ(ledger_.permit(kA)->reserved(), 2);
}

TEST_F(FlowLedgerTest, AKeyWaitsForAFreeConnectionWithoutSpendingItsRate) {
  for (int id = 1; id <= 2; ++id) EXPECT_TRUE(add(kHost, id));
  EXPECT_EQ(start_all(), (Ids{1, 2}));
  ledger_.set_permit(kA, key(0, 5));
  EXPECT_TRUE(join(kA, kFlow, 3));
  EXPECT_EQ(start_all(), Ids{});
  EXPECT_EQ(ledger_.permit(kA)->started(now_), 0);
  end(kHost);
  EXPECT_EQ(start_all(), Ids{3});
}

TEST_F(FlowLedgerTest, AChanceThatOneKeyCannotUseIsGivenToAnother) {
  for (int id = 1; id <= 2; ++id) EXPECT_TRUE(add(kHost, id));
  start_all();
  for (const LaneId line : {kA, kB}) ledger_.set_permit(line, key(5));
  EXPECT_TRUE(join(kA, kFlow, 3));
  EXPECT_TRUE(join(kB, kFlow, 4));
  EXPECT_EQ(start_all(), Ids{});
  LineRule paused = kFlow;
  paused.blocked = true;
  ledger_.set_rule(kA, paused);
  end(kHost);
  EXPECT_EQ(start_all(), Ids{4});
}

TEST_F(FlowLedgerTest, AChanceOutlivesTheLineOfItsHost) {
  FlowLedger ledger({.slots = 1'000, .host_slots = 1, .ready_max = 4});
  EXPECT_TRUE(ledger.add(kHost, {}, {.id = DeliveryId{1}, .host = kHost}, kRoom));
  const auto running = ledger.next(now_);
  ASSERT_TRUE(running);
  ledger.set_permit(kA, key(5));
  EXPECT_TRUE(ledger.add(kA, kFlow, {.id = DeliveryId{2}, .host = kHost}, kRoom));
  EXPECT_FALSE(ledger.next(now_));
  ledger.ended(running->claim, AttemptEnd::kQuickAnswer,
               now_);  // nobody else has to do with the host
  LineRule paused = kFlow;
  paused.blocked = true;
  ledger.set_rule(kA, paused);
  EXPECT_FALSE(ledger.next(now_));
}

TEST_F(FlowLedgerTest, AFullSequenceLeavesTheLastRoomToThoseThatHoldItsSlots) {
  EXPECT_TRUE(join(kA, kOneSlot, 1));
  EXPECT_EQ(start_all(), Ids{1});
  const FlowLedger::Ready next{.id = DeliveryId{2}, .host = kHost};
  EXPECT_FALSE(ledger_.add(kA, kOneSlot, next, 3));
  ledger_.parked(kA, place(2));
  EXPECT_TRUE(ledger_.wanted_loads(3).empty());
  ledger_.release_slot(kA);
  EXPECT_EQ(ledger_.wanted_loads(3).size(), 1u);
}

TEST_F(FlowLedgerTest, NobodyJoinsAStrictLineThatWasFoundInTheStore) {
  ledger_.found_lane(kA);
  EXPECT_FALSE(ledger_.takes(kA, kOneSlot, kRoom));
}

TEST_F(FlowLedgerTest, AShorterPeriodEndsAWaitEarlier) {
  FlowKey limits = key(0, 1);
  ledger_.set_permit(kA, limits);
  EXPECT_TRUE(join(kA, kFlow, 1));
  EXPECT_TRUE(join(kA, kFlow, 2));
  EXPECT_EQ(start_all(), Ids{1});
  limits.period = std::chrono::seconds(2);
  ledger_.set_permit(kA, limits);
  EXPECT_EQ(start_all(), Ids{});
  EXPECT_EQ(ledger_.next_window(), now_ + std::chrono::seconds(2));
}

TEST_F(FlowLedgerTest, AResetBeginsANewWindow) {
  ledger_.set_permit(kA, key(0, 1));
  EXPECT_TRUE(join(kA, kFlow, 1));
  EXPECT_TRUE(join(kA, kFlow, 2));
  EXPECT_EQ(start_all(), Ids{1});
  ledger_.reset_window(kA, now_);
  EXPECT_EQ(start_all(), Ids{2});
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

TEST_F(FlowLedgerTest, LoadsOnlyLinesThatRunLow) {
  for (int id = 1; id <= 4; ++id) add(kA, id);
  ledger_.parked(kA, place(5));
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  start_all();
  const auto wanted = ledger_.wanted_loads(kRoom);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].rows_max, 3u);
}

TEST_F(FlowLedgerTest, LoadsNoBlockedLine) {
  ledger_.set_rule(kA, kBlocked);
  ledger_.parked(kA, place(5));
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  ledger_.set_rule(kA, {});
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
