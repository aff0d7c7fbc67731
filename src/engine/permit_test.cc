#include "engine/permit.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

using std::chrono::seconds;

constexpr TimePoint kNow = from_unix_ms(1'000'000);

FlowKey key(std::int32_t parallelism, std::int32_t rate) {
  FlowKey made;
  made.parallelism = parallelism;
  made.rate = rate;
  made.period = seconds(60);
  return made;
}

Permit permit(std::int32_t parallelism, std::int32_t rate) {
  Permit made;
  made.set(key(parallelism, rate));
  return made;
}

TEST(Permit, WithoutLimitsLetsAllThrough) {
  Permit unlimited;
  for (int i = 0; i < 1'000; ++i) unlimited.take(kNow);
  EXPECT_TRUE(unlimited.free(kNow));
  EXPECT_EQ(unlimited.in_use(), 1'000);
  EXPECT_EQ(unlimited.reserved(), 0);
}

TEST(Permit, AWindowBeginsWithItsFirstStart) {
  Permit rated = permit(0, 2);
  rated.take(kNow);
  rated.take(kNow + seconds(59));
  EXPECT_FALSE(rated.free(kNow + seconds(59)));
  EXPECT_EQ(rated.free_at(kNow + seconds(59)), kNow + seconds(60));
  EXPECT_TRUE(rated.free(kNow + seconds(60)));
  rated.take(kNow + seconds(90));
  EXPECT_EQ(rated.window_start(), kNow + seconds(90));
  EXPECT_EQ(rated.started(kNow + seconds(90)), 1);
}

TEST(Permit, ReservesAheadOfWhatItUses) {
  Permit rated = permit(0, 1'000);
  rated.take(kNow);
  EXPECT_EQ(rated.reserved(), 65);
  for (int i = 0; i < 64; ++i) rated.take(kNow);
  EXPECT_EQ(rated.reserved(), 65);
  rated.take(kNow);
  EXPECT_EQ(rated.reserved(), 130);
}

TEST(Permit, AfterARestartEverythingReservedIsUsed) {
  FlowKey stored = key(0, 10);
  stored.window_start = kNow;
  stored.reserved = 10;
  Permit recovered;
  recovered.recover(stored);
  EXPECT_FALSE(recovered.free(kNow + seconds(1)));
  EXPECT_TRUE(recovered.free(kNow + seconds(60)));
}

TEST(Permit, ALowerRateHoldsInTheRunningWindow) {
  Permit rated = permit(0, 5);
  for (int i = 0; i < 3; ++i) rated.take(kNow);
  rated.set(key(0, 2));
  EXPECT_FALSE(rated.free(kNow));
}

TEST(Permit, WaitsForASlotNotForAWindow) {
  Permit both = permit(1, 1);
  both.take(kNow);
  EXPECT_EQ(both.free_at(kNow), std::nullopt);
  both.release();
  EXPECT_EQ(both.free_at(kNow), kNow + seconds(60));
}

}  // namespace
}  // namespace ferry::engine
