#include "engine/loads.h"

#include <gtest/gtest.h>

#include "engine/totals.h"

namespace ferry::engine {
namespace {

constexpr DeliveryId kRow{7};

DedupRecord record(int n) {
  return {.tenant = TenantId{1}, .key = dedup_key_of_id(std::to_string(n)), .expires_at = {}};
}

TEST(Loads, GivesTheirPurposeBackOnce) {
  Loads loads;
  const std::uint64_t number = loads.begin(Loads::Lane{12});
  EXPECT_TRUE(loads.any());
  const auto purpose = loads.finish(number);
  ASSERT_TRUE(purpose);
  EXPECT_EQ(std::get<Loads::Lane>(*purpose).lane, 12u);
  EXPECT_FALSE(loads.finish(number));
  EXPECT_FALSE(loads.finish(99));
  EXPECT_FALSE(loads.any());
}

TEST(Loads, KnowsWhichRowsWereTouchedSinceALoadBegan) {
  Loads loads;
  loads.touch(kRow);  // nobody reads
  const std::uint64_t first = loads.begin(Loads::TimeLane{});
  EXPECT_FALSE(loads.touched(kRow, first));
  loads.touch(kRow);
  const std::uint64_t second = loads.begin(Loads::Totals{});
  EXPECT_TRUE(loads.touched(kRow, first));
  EXPECT_FALSE(loads.touched(kRow, second));
}

TEST(Loads, RemembersTouchedRowsUntilNoOlderReadIsUnderWay) {
  Loads loads;
  const std::uint64_t slow = loads.begin(Loads::TimeLane{});
  loads.touch(kRow);
  for (int i = 0; i < 3; ++i) loads.finish(loads.begin(Loads::Totals{}));
  EXPECT_TRUE(loads.touched(kRow, slow));
  loads.finish(slow);
  EXPECT_TRUE(loads.touched(kRow, slow));  // whoever takes the answer still asks
  const std::uint64_t next = loads.begin(Loads::TimeLane{});
  loads.finish(next);
  EXPECT_FALSE(loads.touched(kRow, slow));
}

TEST(Loads, KeepsDeliveriesAndDeadLettersApart) {
  Loads loads;
  const std::uint64_t number = loads.begin(Loads::TimeLane{});
  loads.touch(DeadLetterId{7});
  EXPECT_TRUE(loads.touched(DeadLetterId{7}, number));
  EXPECT_FALSE(loads.touched(DeliveryId{7}, number));
}

TEST(Loads, KnowsDeduplicationRowsWrittenWhileReadsWereUnderWay) {
  Loads loads;
  loads.wrote(record(1));
  const std::uint64_t number = loads.begin(Loads::ForPublish{});
  EXPECT_EQ(loads.written(TenantId{1}, record(1).key), nullptr);
  loads.wrote(record(2));
  const DedupRecord* found = loads.written(TenantId{1}, record(2).key);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, record(2));
  EXPECT_EQ(loads.written(TenantId{2}, record(2).key), nullptr);
  loads.finish(number);
  EXPECT_NE(loads.written(TenantId{1}, record(2).key), nullptr);
  loads.finish(loads.begin(Loads::ForPublish{}));
  EXPECT_EQ(loads.written(TenantId{1}, record(2).key), nullptr);
}

TEST(FreshDedup, StaysSmallWhileReadsFollowOneAnotherWithoutAGap) {
  FreshDedup fresh;
  for (int n = 1; n <= 1'000; ++n) {
    fresh.add(record(n), static_cast<std::uint64_t>(n));
    fresh.forget_before(static_cast<std::uint64_t>(n));  // the next read has begun already
  }
  EXPECT_LE(fresh.size(), 2u);
}

TEST(FreshDedup, KeepsARowThatWasWrittenAgain) {
  FreshDedup fresh;
  fresh.add(record(1), 1);
  fresh.add(record(1), 5);
  fresh.forget_before(3);
  EXPECT_NE(fresh.find(TenantId{1}, record(1).key), nullptr);
}

// ---- totals

TEST(Totals, AreWantedOnceAtTheStart) {
  Totals totals;
  EXPECT_TRUE(totals.take_wanted());
  EXPECT_FALSE(totals.take_wanted());
  totals.count_failed();
  EXPECT_TRUE(totals.take_wanted());
}

TEST(Totals, AddWhatChangedAfterTheCountToWhatItSaw) {
  Totals totals;
  ASSERT_TRUE(totals.take_wanted());
  totals.change_deliveries(2);
  totals.committed(10);
  totals.change_deliveries(3);
  totals.change_dead_letters(1);
  totals.committed(11);
  totals.counted({.deliveries = 102, .dead_letters = 7, .position = 10});
  EXPECT_EQ(totals.deliveries(), 105);
  EXPECT_EQ(totals.dead_letters(), 8);
  totals.change_deliveries(-5);
  EXPECT_EQ(totals.deliveries(), 100);
}

TEST(Totals, CorrectThemselvesByTheNextCount) {
  Totals totals;
  ASSERT_TRUE(totals.take_wanted());
  totals.counted({.deliveries = 5, .dead_letters = 5, .position = 1});
  totals.want();
  ASSERT_TRUE(totals.take_wanted());
  totals.committed(2);
  totals.counted({.deliveries = 5, .dead_letters = 0, .position = 2});
  EXPECT_EQ(totals.dead_letters(), 0);
}

}  // namespace
}  // namespace ferry::engine
