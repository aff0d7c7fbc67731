#include "store/id_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "domain/ids.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

using Ids = std::vector<std::int64_t>;

// count ids: first, first + step, ...
Ids series(std::int64_t first, std::int64_t step, std::size_t count) {
  Ids ids;
  for (std::size_t n = 0; n < count; ++n)
    ids.push_back(first + static_cast<std::int64_t>(n) * step);
  return ids;
}

TEST(IdMerge, GivesEachIdOnceInOrder) {
  IdMerge up(3, true);
  up.add({1, 5, 9});
  up.add({});
  up.add({2, 5, 7});
  const MergedIds ascending = std::move(up).take();
  EXPECT_EQ(ascending.ids, (Ids{1, 2, 5, 7, 9}));
  EXPECT_FALSE(ascending.cut_at);
  IdMerge down(2, false);
  down.add({9, 5, 1});
  down.add({7, 5});
  EXPECT_EQ(std::move(down).take().ids, (Ids{9, 7, 5, 1}));
}

TEST(IdMerge, EndsWhereAKeyMayHaveMore) {
  IdMerge up(2, true);
  const std::size_t full = up.rows_of_key();
  up.add(series(0, 2, full));  // ends at 2 * full - 2
  up.add({1, 3, static_cast<std::int64_t>(4 * full)});
  const MergedIds ascending = std::move(up).take();
  EXPECT_EQ(ascending.cut_at, static_cast<std::int64_t>(2 * full - 2));
  EXPECT_EQ(ascending.ids.back(), ascending.cut_at);
  EXPECT_EQ(ascending.ids.size(), full + 2);

  IdMerge down(2, false);
  Ids early = series(10, 1, full), late = series(100'000, 1, full);
  std::ranges::reverse(early);
  std::ranges::reverse(late);
  down.add(early);
  down.add(late);
  const MergedIds descending = std::move(down).take();
  EXPECT_EQ(descending.cut_at, 100'000);
  EXPECT_EQ(descending.ids, late);
}

TEST(IdMerge, BoundsWhatAllKeysGiveTogether) {
  EXPECT_EQ(IdMerge(1, true).rows_of_key(), kRowsReadMax);
  EXPECT_EQ(IdMerge(10, true).rows_of_key(), kRowsReadMax / 10);
  EXPECT_EQ(IdMerge(1'000, true).rows_of_key(), 100u);
}

TEST(IdRange, IncludesAllIdsOfTheFirstAndTheLastMillisecond) {
  PageRequest page{.filter = {.from = at(10), .to = at(20)}, .order = Order::kEarliestFirst};
  const Result<IdRange> range = id_range(page, Times::kFiltered);
  ASSERT_TRUE(range);
  EXPECT_FALSE(range->contains(id_at(at(10)) - 1));
  EXPECT_TRUE(range->contains(id_at(at(10))));
  EXPECT_TRUE(range->contains(id_at(at(21)) - 1));
  EXPECT_FALSE(range->contains(id_at(at(21))));
  EXPECT_TRUE(id_range(page, Times::kIgnored)->contains(1));
}

TEST(IdRange, BeginsBehindTheCursor) {
  for (const Order order : {Order::kEarliestFirst, Order::kLatestFirst}) {
    const PageRequest page{.filter = {}, .order = order, .cursor = cursor_behind(id_at(at(5)))};
    const Result<IdRange> range = id_range(page, Times::kFiltered);
    ASSERT_TRUE(range);
    EXPECT_FALSE(range->contains(id_at(at(5))));
    EXPECT_EQ(range->contains(id_at(at(5)) + 1), order == Order::kEarliestFirst);
    EXPECT_EQ(range->contains(id_at(at(5)) - 1), order == Order::kLatestFirst);
  }
}

TEST(IdRange, ACursorAtTheEndOfAllNumbersHasNothingBehindIt) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  PageRequest page{.filter = {}, .order = Order::kEarliestFirst, .cursor = cursor_behind(kMax)};
  for (const std::int64_t id : {kMin, std::int64_t{0}, std::int64_t{1}, kMax}) {
    EXPECT_FALSE(id_range(page, Times::kFiltered)->contains(id)) << id;
  }
  page.order = Order::kLatestFirst;
  EXPECT_TRUE(id_range(page, Times::kFiltered)->contains(kMax - 1));
  page.cursor = cursor_behind(kMin);
  for (const std::int64_t id : {kMin, std::int64_t{0}, std::int64_t{1}, kMax}) {
    EXPECT_FALSE(id_range(page, Times::kFiltered)->contains(id)) << id;
  }
}

TEST(IdRange, TheLatestTimeThatAnIdCanCarryIncludesTheLastId) {
  const TimePoint latest = time_of_id(std::numeric_limits<std::int64_t>::max());
  const PageRequest page{.filter = {.to = latest}, .order = Order::kEarliestFirst};
  EXPECT_EQ(id_range(page, Times::kFiltered)->last, std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace ferry::store
