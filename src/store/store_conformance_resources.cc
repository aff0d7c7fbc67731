#include <algorithm>

#include "store/store_conformance.h"
#include "store/test_rows.h"

// Named things, the slots of sequences, messages that deliveries share, and what lanes and
// sequences hold.

namespace ferry::store {

using namespace test;

namespace {

constexpr LaneId kSequence = 0x8000'0000'0000'0001;  // does not fit a signed column as it is
constexpr LaneId kOtherSequence = 5;

std::vector<std::string> describe_all(const std::vector<Resource>& resources) {
  std::vector<std::string> texts;
  for (const Resource& resource : resources) texts.push_back(describe(resource));
  return texts;
}

WriteSet one(RowOperation operation) { return WriteSet{{std::move(operation)}}; }

// The deliveries of one message that go to the endpoints of a group; the first has its id.
std::vector<Delivery> group_of(std::int64_t message_id, std::int64_t count) {
  std::vector<Delivery> deliveries;
  for (std::int64_t n = 0; n < count; ++n) {
    deliveries.push_back(make_delivery(
        {.id = DeliveryId{message_id + n}, .message_id = MessageId{message_id}, .group = "group"}));
    deliveries.back().shares_message = true;
  }
  return deliveries;
}

WriteSet publish_group(const MessagePtr& message, const std::vector<Delivery>& deliveries) {
  WriteSet set;
  set.add(PutMessage{message});
  for (const Delivery& delivery : deliveries) set.add(PutDelivery{delivery});
  return set;
}

WriteSet end(const Delivery& delivery) {
  return finish_sharing(delivery, {make_event(at(1), EventState::kDelivered)});
}

}  // namespace

TEST_P(StoreConformance, ResourcesAreReadBackInFull) {
  Random random(21);
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "name-" + std::to_string(100 + i) + random_text(random);
    const Resource resource = random_resource(random, name, kTenant);
    expected.push_back(describe(resource));
    commit(one(PutResource{resource}));
  }
  std::ranges::sort(expected);
  in_every_life([&] {
    std::vector<std::string> found = describe_all(get(store().catalog(at(0))).resources);
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
  });
}

TEST_P(StoreConformance, TheBodyOfAScheduleIsARowThatIsReadAlone) {
  const auto body = [&](TenantId tenant) { return get(store().schedule_body(tenant, "s")); };
  commit(one(PutResource{make_schedule("s")}));
  EXPECT_EQ(body(kTenant), nullptr);
  commit(one(PutResource{make_schedule_body("s")}));
  ScheduleBody changed = *make_schedule_body("s", kOtherTenant);
  changed.body = Bytes::take(std::string(100'000, '\0'));
  commit(one(PutResource{make_schedule_body("s", kOtherTenant)}));
  commit(one(PutResource{std::make_shared<const ScheduleBody>(changed)}));
  in_every_life([&] {
    EXPECT_EQ(describe(*body(kTenant)), describe(*make_schedule_body("s")));
    EXPECT_EQ(describe(*body(kOtherTenant)), describe(changed));
    EXPECT_EQ(get(store().catalog(at(0))).resources.size(), 1u);
  });
  commit(one(DropResource{ResourceKind::kScheduleBody, kTenant, "s"}));
  in_every_life([&] {
    EXPECT_EQ(body(kTenant), nullptr);
    EXPECT_NE(body(kOtherTenant), nullptr);
  });
}

TEST_P(StoreConformance, ResourcesAreOrderedByKindTenantAndName) {
  std::vector<Resource> expected;
  for (const ResourceKind kind :
       {ResourceKind::kQueue, ResourceKind::kUrlGroup, ResourceKind::kSchedule,
        ResourceKind::kFlowKey, ResourceKind::kFunction, ResourceKind::kService}) {
    for (const TenantId tenant : {kTenant, kOtherTenant}) {
      for (const char* name : {"B", "a", "a.b", "\xc3\xa4"}) {
        expected.push_back(make_resource(kind, name, tenant));
      }
    }
  }
  std::vector<Resource> shuffled = expected;
  std::ranges::reverse(shuffled);
  for (const Resource& resource : shuffled) commit(one(PutResource{resource}));
  in_every_life([&] {
    EXPECT_EQ(describe_all(get(store().catalog(at(0))).resources), describe_all(expected));
  });
}

TEST_P(StoreConformance, AResourceIsReplacedAndDroppedByKindTenantAndName) {
  for (const ResourceKind kind : {ResourceKind::kQueue, ResourceKind::kUrlGroup,
                                  ResourceKind::kSchedule, ResourceKind::kFlowKey}) {
    commit(one(PutResource{make_resource(kind, "name")}));
  }
  Queue changed = *make_queue("name");
  changed.parallelism = 9;
  changed.paused = false;
  commit(one(PutResource{std::make_shared<const Queue>(changed)}));
  commit(one(PutResource{make_queue("name", kOtherTenant)}));
  commit(one(DropResource{ResourceKind::kUrlGroup, kTenant, "name"}));
  commit(one(DropResource{ResourceKind::kSchedule, kOtherTenant, "name"}));  // was never there
  WriteSet set = one(PutResource{make_flow_key("gone")});
  set.add(DropResource{ResourceKind::kFlowKey, kTenant, "gone"});
  set.add(DropResource{ResourceKind::kFlowKey, kTenant, "name"});
  set.add(PutResource{make_flow_key("name")});
  commit(std::move(set));
  const std::vector<Resource> expected = {std::make_shared<const Queue>(changed),
                                          make_queue("name", kOtherTenant), make_schedule("name"),
                                          make_flow_key("name")};
  in_every_life([&] {
    EXPECT_EQ(describe_all(get(store().catalog(at(0))).resources), describe_all(expected));
  });
}

TEST_P(StoreConformance, ASequenceIsThereWhileItHoldsSlots) {
  const Sequence before{.lane = kSequence, .tenant = kTenant, .held = {{DeliveryId{1}, 1}}};
  const Sequence after{
      .lane = kSequence, .tenant = kTenant, .held = {{DeliveryId{1}, 2}, {DeliveryId{7}, 1}}};
  const Sequence other{
      .lane = kOtherSequence, .tenant = kOtherTenant, .held = {{DeliveryId{3}, 1}}};
  const auto expect = [&](const std::vector<Sequence>& sequences) {
    in_every_life([&] { EXPECT_EQ(get(store().catalog(at(0))).sequences, sequences); });
  };
  commit(one(PutSequence{before}));
  commit(one(PutSequence{other}));
  expect({other, before});
  commit(one(PutSequence{after}));
  expect({other, after});
  commit(one(PutSequence{{.lane = kOtherSequence, .tenant = kOtherTenant, .held = {}}}));
  commit(one(PutSequence{{.lane = 77, .tenant = kTenant, .held = {}}}));  // was never there
  expect({after});
}

TEST_P(StoreConformance, TheLastOfAGroupTakesTheSharedMessageAlong) {
  for (const bool first_ends_first : {true, false}) {
    const std::int64_t id = first_ends_first ? 10 : 20;
    const MessagePtr message = make_message({.id = MessageId{id}});
    std::vector<Delivery> left = group_of(id, 3);
    commit(publish_group(message, left));
    if (!first_ends_first) std::ranges::reverse(left);
    while (!left.empty()) {
      in_every_life([&] {
        for (const Delivery& delivery : left) {
          EXPECT_EQ(describe(get(store().delivery(delivery.id))),
                    describe(LoadedDelivery{delivery, message}));
        }
      });
      commit(end(left.front()));
      left.erase(left.begin());
    }
    // A delivery that comes too late, as none ever does, shows that it is gone.
    EXPECT_TRUE(store().barrier());
    commit(one(PutDelivery{group_of(id, 1).front()}));
    in_every_life([&] { EXPECT_FALSE(store().delivery(DeliveryId{id})); });
    commit(one(DropDelivery{DeliveryId{id}}));
  }
}

TEST_P(StoreConformance, ASharedMessageStaysForASiblingWhateverIsCommittedTogether) {
  const MessagePtr message = make_message({.id = MessageId{10}});
  const std::vector<Delivery> group = group_of(10, 3);
  const std::vector<WriteSet> sets = {publish_group(message, group), end(group[0]), end(group[2])};
  get(store().commit(sets));
  const auto expect_left = [&] {
    EXPECT_EQ(describe(get(store().delivery(group[1].id))),
              describe(LoadedDelivery{group[1], message}));
    const LaneQuery query{.lane = kTimeLane, .after = {}, .until = at(99)};
    EXPECT_EQ(get(store().lane(query)).rows.size(), 1u);
    EXPECT_EQ(get(store().messages({.filter = {.tenant = kTenant}})).rows.size(), 1u);
  };
  in_every_life(expect_left);
  commit(one(ReleaseMessage{message->id}));  // again, for nothing
  in_every_life(expect_left);
}

TEST_P(StoreConformance, AMessagePutAgainAfterItsReleaseIsThere) {
  const MessagePtr message = make_message({.id = MessageId{10}});
  const std::vector<Delivery> group = group_of(10, 2);
  WriteSet set = publish_group(message, group);
  set.add(DropDelivery{group[0].id});
  set.add(DropDelivery{group[1].id});
  set.add(ReleaseMessage{message->id});
  set.add(PutMessage{message});
  set.add(PutDelivery{group[1]});
  commit(std::move(set));
  in_every_life([&] { EXPECT_TRUE(get(store().delivery(group[1].id))); });
}

TEST_P(StoreConformance, LaneSizesCountRowsInTheOrderAskedFor) {
  std::int64_t id = 0;
  const auto put = [&](LaneId lane, TimePoint due_at) {
    ++id;
    commit(publish(make_message({.id = MessageId{id}}),
                   make_delivery({.id = DeliveryId{id}, .due_at = due_at, .lane = lane}), at(0)));
  };
  put(kTimeLane, at(1));
  put(kSequence, at(1));
  put(kSequence, at(2));
  put(kSequence, TimePoint::min());
  put(kOtherSequence, at(-9));
  commit(one(DropDelivery{DeliveryId{3}}));
  const std::vector<LaneId> lanes = {kSequence, 77, kTimeLane, kSequence, kOtherSequence};
  in_every_life([&] {
    EXPECT_EQ(get(store().lane_sizes(lanes)), (std::vector<std::int64_t>{2, 0, 1, 2, 1}));
    EXPECT_TRUE(get(store().lane_sizes({})).empty());
  });
}

TEST_P(StoreConformance, SequenceSizesCountMembersWhereverTheyWaitAndNoCallbacks) {
  const auto put = [&](std::int64_t id, LaneId lane, LaneId sequence, std::int64_t slot) {
    commit(publish(
        make_message({.id = MessageId{id}}),
        make_delivery(
            {.id = DeliveryId{id}, .lane = lane, .sequence = sequence, .slot = DeliveryId{slot}}),
        at(0)));
  };
  const auto expect = [&](std::int64_t size, std::int64_t other_size) {
    const std::vector<LaneId> sequences = {kSequence, 77, kOtherSequence, kTimeLane};
    const std::vector<std::int64_t> expected = {size, 0, other_size, 0};
    in_every_life([&] { EXPECT_EQ(get(store().sequence_sizes(sequences)), expected); });
  };
  put(1, kSequence, kSequence, 0);  // waits for a slot
  put(2, kSequence, kSequence, 2);  // has one
  put(3, kTimeLane, kSequence, 3);  // waits for its retry
  put(4, kTimeLane, kSequence, 3);  // a callback of it
  put(5, kTimeLane, kTimeLane, 0);  // in no order
  put(6, 77, kOtherSequence, 0);    // elsewhere
  expect(3, 1);
  WriteSet set;
  set.add(DropDelivery{DeliveryId{2}});
  set.add(DropDelivery{DeliveryId{4}});
  // Starts: still the same member.
  set.add(PutDelivery{make_delivery(
      {.id = DeliveryId{1}, .lane = kSequence, .sequence = kSequence, .slot = DeliveryId{1}})});
  set.add(DropDelivery{DeliveryId{6}});
  commit(std::move(set));
  expect(2, 0);
}

}  // namespace ferry::store
