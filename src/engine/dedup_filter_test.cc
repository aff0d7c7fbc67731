#include "engine/dedup_filter.h"

#include <gtest/gtest.h>

#include <string>

namespace ferry::engine {
namespace {

using std::chrono::minutes;

constexpr TimePoint kStart = from_unix_ms(1'795'262'400'000);

DedupKey key(int n) { return dedup_key_of_id(std::to_string(n)); }

TEST(DedupFilter, KnowsNothingAtFirst) {
  EXPECT_FALSE(DedupFilter(minutes(10)).may_contain(key(1)));
}

TEST(DedupFilter, NeverDeniesAKeyWithinTheWindow) {
  DedupFilter filter(minutes(10));
  filter.add(key(1), kStart + Duration(59'999));
  const TimePoint last = kStart + Duration(59'999) + minutes(10);
  filter.expire(last);
  EXPECT_TRUE(filter.may_contain(key(1)));
}

TEST(DedupFilter, ForgetsAMinuteThatIsOutsideTheWindow) {
  DedupFilter filter(minutes(10));
  filter.add(key(1), kStart);
  filter.expire(kStart + minutes(11));
  EXPECT_FALSE(filter.may_contain(key(1)));
  EXPECT_EQ(filter.bytes(), 0u);
}

TEST(DedupFilter, KeepsItsPromiseWhileItGrows) {
  DedupFilter filter(minutes(10));
  for (int n = 0; n < 50'000; ++n) filter.add(key(n), kStart);
  for (int n = 0; n < 50'000; ++n) ASSERT_TRUE(filter.may_contain(key(n)));
}

TEST(DedupFilter, SeldomSaysMaybeOfAKeyItNeverSaw) {
  DedupFilter filter(minutes(10));
  for (int n = 0; n < 50'000; ++n) filter.add(key(n), kStart);
  int maybe = 0;
  for (int n = 100'000; n < 110'000; ++n) maybe += filter.may_contain(key(n)) ? 1 : 0;
  EXPECT_LT(maybe, 500);  // 1 % for each of the few layers
}

TEST(DedupFilter, StaysSmall) {
  DedupFilter filter(minutes(10));
  for (int n = 0; n < 50'000; ++n) filter.add(key(n), kStart);
  EXPECT_LT(filter.bytes(), 50'000u * 4);
}

TEST(DedupFilter, TakesAClockThatStandsStillOrStepsBack) {
  DedupFilter filter(minutes(10));
  filter.add(key(1), kStart + minutes(3));
  filter.add(key(2), kStart);
  filter.expire(kStart + minutes(10));
  EXPECT_TRUE(filter.may_contain(key(1)));
  EXPECT_TRUE(filter.may_contain(key(2)));
}

}  // namespace
}  // namespace ferry::engine
