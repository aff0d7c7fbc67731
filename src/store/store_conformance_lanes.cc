#include "store/store_conformance.h"
#include "store/test_rows.h"

// Lanes: ranges by place, limits by rows and by bytes.

namespace ferry::store {

using namespace test;

namespace {

constexpr LaneId kQueueLane = 0x8000'0000'0000'0001;  // does not fit a signed column as it is

std::vector<std::int64_t> ids_of(const LaneSlice& slice) {
  std::vector<std::int64_t> ids;
  for (const LoadedDelivery& row : slice.rows) ids.push_back(row.delivery.id.value);
  return ids;
}

void put(Store& store, std::int64_t id, LaneId lane, TimePoint due_at, std::size_t body_bytes = 1) {
  const WriteSet sets[] = {
      publish(make_message({.id = MessageId{id}, .body = std::string(body_bytes, 'x')}),
              make_delivery({.id = DeliveryId{id}, .due_at = due_at, .lane = lane}), at(0))};
  EXPECT_TRUE(store.commit(sets));
}

void expect(Store& store, const LaneQuery& query, const std::vector<std::int64_t>& ids,
            bool complete) {
  const Result<LaneSlice> slice = store.lane(query);
  ASSERT_TRUE(slice);
  EXPECT_EQ(ids_of(*slice), ids);
  EXPECT_EQ(slice->complete, complete);
}

}  // namespace

TEST_P(StoreConformance, ALaneIsReadInOrderOfItsPlaces) {
  put(store(), 1, kTimeLane, at(30));
  put(store(), 2, kTimeLane, at(10));
  put(store(), 4, kTimeLane, at(20));
  put(store(), 3, kTimeLane, at(20));
  put(store(), 5, kQueueLane, at(5));
  in_every_life([&] {
    expect(store(), {.lane = kTimeLane, .after = {}, .until = at(99)}, {2, 3, 4, 1}, true);
    expect(store(), {.lane = kQueueLane, .after = {}, .until = at(99)}, {5}, true);
    expect(store(), {.lane = 77, .after = {}, .until = at(99)}, {}, true);
  });
}

TEST_P(StoreConformance, ARangeExcludesItsStartAndIncludesItsEnd) {
  for (std::int64_t id = 1; id <= 5; ++id) put(store(), id, kQueueLane, at(id * 10));
  put(store(), 6, kQueueLane, at(30));
  in_every_life([&] {
    const LanePlace third{at(30), DeliveryId{3}};
    expect(store(), {.lane = kQueueLane, .after = third, .until = at(50)}, {6, 4, 5}, true);
    expect(store(), {.lane = kQueueLane, .after = third, .until = at(49)}, {6, 4}, true);
    expect(store(), {.lane = kQueueLane, .after = third, .until = at(30)}, {6}, true);
    const LanePlace sixth{at(30), DeliveryId{6}};
    expect(store(), {.lane = kQueueLane, .after = sixth, .until = at(30)}, {}, true);
    const LanePlace between{at(35), DeliveryId{}};
    expect(store(), {.lane = kQueueLane, .after = between, .until = at(40)}, {4}, true);
    expect(store(), {.lane = kQueueLane, .after = third, .until = at(0)}, {}, true);
  });
}

TEST_P(StoreConformance, ASliceOfSoManyRowsTellsWhetherMoreFollow) {
  for (std::int64_t id = 1; id <= 5; ++id) put(store(), id, kTimeLane, at(id));
  in_every_life([&] {
    expect(store(), {.after = {}, .until = at(9), .rows_max = 2}, {1, 2}, false);
    const LanePlace second{at(2), DeliveryId{2}};
    const LanePlace fourth{at(4), DeliveryId{4}};
    expect(store(), {.after = second, .until = at(9), .rows_max = 2}, {3, 4}, false);
    expect(store(), {.after = fourth, .until = at(9), .rows_max = 2}, {5}, true);
    expect(store(), {.after = {}, .until = at(9), .rows_max = 5}, {1, 2, 3, 4, 5}, true);
    expect(store(), {.after = {}, .until = at(2), .rows_max = 2}, {1, 2}, true);
  });
}

TEST_P(StoreConformance, ASliceEndsBeforeTheBodyThatWouldNotFit) {
  put(store(), 1, kTimeLane, at(1), 100);
  put(store(), 2, kTimeLane, at(2), 100);
  put(store(), 3, kTimeLane, at(3), 1);
  in_every_life([&] {
    expect(store(), {.after = {}, .until = at(9), .bytes_max = 201}, {1, 2, 3}, true);
    expect(store(), {.after = {}, .until = at(9), .bytes_max = 200}, {1, 2}, false);
    expect(store(), {.after = {}, .until = at(9), .bytes_max = 199}, {1}, false);
    // One row is always given, or a body above the limit would never leave.
    expect(store(), {.after = {}, .until = at(9), .bytes_max = 1}, {1}, false);
  });
}

TEST_P(StoreConformance, RowsComeWithTheirMessages) {
  Random random(3);
  LaneSlice expected{.rows = {}, .complete = true};
  for (std::int64_t id = 1; id <= 5; ++id) {
    const auto message =
        std::make_shared<const Message>(random_message(random, MessageId{id}, kTenant));
    Delivery delivery = random_delivery(random, DeliveryId{id}, *message);
    delivery.lane = kQueueLane;
    delivery.due_at = at(id);
    commit(publish(message, delivery, at(0)));
    expected.rows.push_back({delivery, message});
  }
  in_every_life([&] {
    const LaneQuery query{.lane = kQueueLane, .after = {}, .until = at(9)};
    EXPECT_EQ(describe(get(store().lane(query))), describe(expected));
  });
}

TEST_P(StoreConformance, AReplacedDeliveryIsFoundOnlyAtItsNewPlace) {
  put(store(), 1, kTimeLane, at(1));
  put(store(), 2, kTimeLane, at(2));
  WriteSet set;
  set.add(PutDelivery{make_delivery({.id = DeliveryId{1}, .due_at = at(50)})});
  set.add(PutDelivery{make_delivery({.id = DeliveryId{2}, .due_at = at(2), .lane = kQueueLane})});
  commit(std::move(set));
  in_every_life([&] {
    expect(store(), {.after = {}, .until = at(49)}, {}, true);
    expect(store(), {.after = {}, .until = at(50)}, {1}, true);
    expect(store(), {.lane = kQueueLane, .after = {}, .until = at(2)}, {2}, true);
  });
}

TEST_P(StoreConformance, ADroppedDeliveryLeavesItsLane) {
  for (std::int64_t id = 1; id <= 3; ++id) put(store(), id, kQueueLane, at(id));
  WriteSet set;
  set.add(DropDelivery{DeliveryId{2}});
  commit(std::move(set));
  in_every_life([&] {
    expect(store(), {.lane = kQueueLane, .after = {}, .until = at(9), .rows_max = 2}, {1, 3}, true);
  });
}

}  // namespace ferry::store
