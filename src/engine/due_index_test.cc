#include "engine/due_index.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

using std::chrono::seconds;

constexpr TimePoint kStart = from_unix_ms(1'000'000);
constexpr Duration kFar = std::chrono::minutes(1);

class DueIndexTest : public ::testing::Test {
 protected:
  DueIndexTest() {
    options_.window_rows_max = 4;
    options_.load_ahead = seconds(2);
  }

  static Delivery row(std::int64_t id, Duration due) {
    Delivery delivery;
    delivery.id = DeliveryId{id};
    delivery.tenant = TenantId{1};
    delivery.due_at = kStart + due;
    return delivery;
  }
  static MessagePtr message(std::size_t bytes = 10) {
    Message made;
    made.body = Bytes::take(std::string(bytes, 'x'));
    return std::make_shared<const Message>(std::move(made));
  }
  static store::LaneSlice slice(std::vector<Delivery> rows, bool complete) {
    store::LaneSlice made{.rows = {}, .complete = complete};
    for (Delivery& delivery : rows) made.rows.push_back({std::move(delivery), message()});
    return made;
  }
  static bool keep_all(DeliveryId) { return false; }
  // Answers the load that the index asks for.
  void load(std::vector<Delivery> rows, bool complete, TimePoint now = kStart) {
    ASSERT_TRUE(index_.wanted_load(now));
    index_.loaded(slice(std::move(rows), complete), keep_all);
  }
  // The store holds nothing up to the horizon, and one row behind it, due in a minute.
  void load_far_row() {
    load({}, true);
    load({row(99, kFar)}, true);
  }
  Held* offer(Delivery delivery, std::size_t bytes = 10, TimePoint now = kStart) {
    return index_.offer(std::move(delivery), message(bytes), now);
  }
  std::vector<std::int64_t> due(TimePoint now) {
    std::vector<std::int64_t> ids;
    for (const Held* held : index_.take_due(now)) ids.push_back(held->delivery.id.value);
    return ids;
  }

  Options options_;
  DueIndex index_{options_};
};

TEST_F(DueIndexTest, HoldsNothingBeforeTheFirstLoad) {
  EXPECT_EQ(offer(row(1, seconds(0))), nullptr);
}

TEST_F(DueIndexTest, HoldsWhatIsOfferedWithinTheHorizon) {
  load({row(9, seconds(1))}, true);
  EXPECT_NE(offer(row(1, seconds(2))), nullptr);
  EXPECT_EQ(offer(row(2, seconds(2) + Duration(1))), nullptr);
  EXPECT_EQ(index_.size(), 2u);
}

TEST_F(DueIndexTest, HoldsWhatIsOfferedWithinTheReachOfALoadUnderWay) {
  ASSERT_TRUE(index_.wanted_load(kStart));
  EXPECT_NE(offer(row(1, seconds(1))), nullptr);
}

TEST_F(DueIndexTest, ReadsNothingMoreOfAnEmptyStore) {
  load({}, true);
  EXPECT_EQ(index_.next_wake(kStart), kStart);
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->after.due_at, kStart + seconds(2));
  EXPECT_EQ(query->until, TimePoint::max());
  EXPECT_EQ(query->rows_max, 1u);
  index_.loaded(slice({}, true), keep_all);
  EXPECT_FALSE(index_.wanted_load(kStart + std::chrono::years(100)));
  EXPECT_GT(index_.next_wake(kStart), kStart + std::chrono::years(100));
}

TEST_F(DueIndexTest, ReadsNothingUntilTheNextRowIsNear) {
  load_far_row();
  EXPECT_EQ(index_.size(), 0u);
  EXPECT_EQ(index_.next_wake(kStart), kStart + kFar - seconds(1));
  EXPECT_FALSE(index_.wanted_load(kStart + kFar - seconds(1) - Duration(1)));
  const auto query = index_.wanted_load(kStart + kFar - seconds(1));
  ASSERT_TRUE(query);
  EXPECT_LT(query->after, (store::LanePlace{kStart + kFar, DeliveryId{99}}));
  EXPECT_EQ(query->until, kStart + kFar + seconds(1));
}

TEST_F(DueIndexTest, LooksFurtherAgainAfterAFailure) {
  load({}, true);
  ASSERT_TRUE(index_.wanted_load(kStart));
  index_.load_failed();
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->until, TimePoint::max());
}

TEST_F(DueIndexTest, LoadsWhatIsOfferedBeforeTheNextKnownRow) {
  load_far_row();
  EXPECT_NE(offer(row(1, seconds(2))), nullptr);
  EXPECT_EQ(offer(row(2, seconds(2) + Duration(1))), nullptr);  // not due soon
  EXPECT_EQ(offer(row(3, seconds(30))), nullptr);
  EXPECT_EQ(due(kStart + seconds(2)).size(), 1u);
  EXPECT_EQ(index_.next_wake(kStart), kStart + seconds(1) + Duration(1));
  const auto query = index_.wanted_load(kStart + seconds(2));
  ASSERT_TRUE(query);
  EXPECT_LT(query->after, (store::LanePlace{kStart + seconds(2) + Duration(1), DeliveryId{2}}));
}

TEST_F(DueIndexTest, LoadsWhatIsOfferedWhileItLooksFurther) {
  load({}, true);
  ASSERT_TRUE(index_.wanted_load(kStart));
  EXPECT_NE(offer(row(1, seconds(1))), nullptr);
  EXPECT_EQ(offer(row(2, seconds(30))), nullptr);
  index_.loaded(slice({row(99, kFar)}, true), keep_all);  // read before row 2 was written
  EXPECT_EQ(due(kStart + seconds(1)), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(index_.next_wake(kStart), kStart + seconds(29));
}

TEST_F(DueIndexTest, GivesWhatIsDueInOrderOfTimeThenId) {
  load_far_row();
  offer(row(3, Duration(10)));
  offer(row(2, Duration(20)));
  offer(row(1, Duration(20)));
  EXPECT_EQ(due(kStart + Duration(9)), (std::vector<std::int64_t>{}));
  EXPECT_EQ(due(kStart + Duration(20)), (std::vector<std::int64_t>{3, 1, 2}));
  EXPECT_EQ(due(kStart + Duration(20)), (std::vector<std::int64_t>{}));
}

TEST_F(DueIndexTest, AsksForOneLoadAtATime) {
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->until, kStart + seconds(2));
  EXPECT_EQ(query->rows_max, 4u);
  EXPECT_FALSE(index_.wanted_load(kStart + seconds(9)));
  index_.load_failed();
  EXPECT_TRUE(index_.wanted_load(kStart));
}

TEST_F(DueIndexTest, LoadsAgainWhenHalfTheTimeAheadHasPassed) {
  load({row(9, seconds(2))}, true);
  EXPECT_EQ(index_.next_wake(kStart), kStart + seconds(1));
  EXPECT_FALSE(index_.wanted_load(kStart + seconds(1) - Duration(1)));
  const auto query = index_.wanted_load(kStart + seconds(1));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->after.due_at, kStart + seconds(2));
  EXPECT_EQ(query->until, kStart + seconds(3));
}

TEST_F(DueIndexTest, GoesOnBehindTheLastRowOfAnIncompleteSlice) {
  ASSERT_TRUE(index_.wanted_load(kStart));
  index_.loaded(slice({row(1, Duration(1)), row(2, Duration(5))}, false), keep_all);
  EXPECT_EQ(index_.size(), 2u);
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->after, (store::LanePlace{kStart + Duration(5), DeliveryId{2}}));
  EXPECT_EQ(query->rows_max, 2u);
}

TEST_F(DueIndexTest, SkipsRowsThatChangedOrAreHeld) {
  ASSERT_TRUE(index_.wanted_load(kStart));
  offer(row(1, Duration(1)));
  index_.loaded(slice({row(1, Duration(1)), row(2, Duration(2)), row(3, Duration(3))}, true),
                [](DeliveryId id) { return id == DeliveryId{2}; });
  EXPECT_EQ(due(kStart + seconds(1)), (std::vector<std::int64_t>{1, 3}));
}

TEST_F(DueIndexTest, StepsBackBeforeWhatDoesNotFit) {
  load_far_row();
  for (int id = 1; id <= 4; ++id) offer(row(id, Duration(100)));
  EXPECT_EQ(offer(row(5, Duration(50))), nullptr);
  EXPECT_EQ(index_.room(), 0u);
  EXPECT_FALSE(index_.wanted_load(kStart + seconds(5)));
  EXPECT_EQ(due(kStart + Duration(100)).size(), 4u);
  index_.release(DeliveryId{1});
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_LT(query->after, (store::LanePlace{kStart + Duration(50), DeliveryId{5}}));
  EXPECT_EQ(query->rows_max, 1u);
}

TEST_F(DueIndexTest, StepsBackBehindALoadThatWasUnderWay) {
  ASSERT_TRUE(index_.wanted_load(kStart));
  for (int id = 1; id <= 4; ++id) offer(row(id, Duration(10)));
  EXPECT_EQ(offer(row(5, Duration(20))), nullptr);
  index_.loaded(slice({}, true), keep_all);  // read before row 5 was written
  index_.take_due(kStart + Duration(10));
  index_.release(DeliveryId{1});
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_LT(query->after, (store::LanePlace{kStart + Duration(20), DeliveryId{5}}));
}

TEST_F(DueIndexTest, TakesNoMoreOfASliceThanThereIsRoomFor) {
  ASSERT_TRUE(index_.wanted_load(kStart));
  for (int id = 1; id <= 3; ++id) offer(row(id, Duration(100)));
  index_.loaded(slice({row(7, Duration(1)), row(8, Duration(2)), row(9, Duration(3))}, true),
                keep_all);
  EXPECT_EQ(index_.size(), 4u);
  EXPECT_EQ(due(kStart + Duration(5)), (std::vector<std::int64_t>{7}));
  index_.release(DeliveryId{7});
  const auto query = index_.wanted_load(kStart);
  ASSERT_TRUE(query);
  EXPECT_LT(query->after, (store::LanePlace{kStart + Duration(2), DeliveryId{8}}));
  EXPECT_GE(query->after, (store::LanePlace{kStart + Duration(1), DeliveryId{7}}));
}

TEST_F(DueIndexTest, MovesARetryToItsNewTime) {
  load_far_row();
  Held* held = offer(row(1, Duration(1)));
  ASSERT_NE(held, nullptr);
  index_.take_due(kStart + Duration(1));
  held->delivery.due_at = kStart + seconds(1);
  index_.wait_again(*held, kStart);
  EXPECT_EQ(due(kStart + seconds(1)), (std::vector<std::int64_t>{1}));
  held = index_.find(DeliveryId{1});
  held->delivery.due_at = kStart + seconds(60);
  index_.wait_again(*held, kStart);
  EXPECT_EQ(index_.find(DeliveryId{1}), nullptr);  // too far away to be held
  EXPECT_EQ(index_.bytes(), 0u);
}

TEST_F(DueIndexTest, CountsTheBytesItHolds) {
  options_.window_bytes_max = 3'000;
  load_far_row();
  offer(row(1, Duration(1)), 2'600);
  EXPECT_EQ(index_.bytes(), 2'600u + 512);
  EXPECT_FALSE(index_.has_room());
  index_.release(DeliveryId{1});
  EXPECT_EQ(index_.bytes(), 0u);
  EXPECT_EQ(index_.next_wake(kStart), kStart + kFar - seconds(1));
}

TEST_F(DueIndexTest, ListsTheReadyDeliveriesOfATenant) {
  load_far_row();
  offer(row(2, Duration(1)));
  offer(row(1, Duration(1)));
  offer(row(3, seconds(2)));
  index_.take_due(kStart + Duration(1));
  const auto ready = index_.ready_of(TenantId{1});
  ASSERT_EQ(ready.size(), 2u);
  EXPECT_EQ(ready[0]->delivery.id, DeliveryId{1});
  EXPECT_TRUE(index_.ready_of(TenantId{2}).empty());
}

}  // namespace
}  // namespace ferry::engine
