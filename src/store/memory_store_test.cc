#include "store/memory_store.h"

#include <gtest/gtest.h>

#include "store/store_conformance.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

// Not durable, so there is nothing to restart; a clone stands for what a crash leaves behind.
Harness memory_harness() {
  return {.name = "memory",
          .open_fresh = [] { return make_memory_store(); },
          .reopen = nullptr,
          .crash = [](std::unique_ptr<Store> store) { return clone_memory_store(*store); }};
}

void commit(Store& store, WriteSet set) {
  const WriteSet sets[] = {std::move(set)};
  ASSERT_TRUE(store.commit(sets));
}

WriteSet publish_one(std::int64_t id) {
  return publish(make_message({.id = MessageId{id}}), make_delivery({.id = DeliveryId{id}}), at(0));
}

WriteSet one_row_of_each_kind() {
  WriteSet set = publish_one(1);
  set.add(PutTenant{make_tenant(kTenant, "tenant")});
  set.add(PutSetting{"key", "value"});
  set.add(PutDedup{make_dedup("dedup", at(1))});
  set.add(PutDeadLetter{make_dead_letter(DeadLetterId{3}, make_delivery({.id = DeliveryId{2}}),
                                         make_message({.id = MessageId{2}}))});
  return set;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(memory_harness()), harness_name);

TEST(MemoryStore, ACloneHasTheSameStateAndGoesItsOwnWay) {
  const std::unique_ptr<Store> store = make_memory_store();
  commit(*store, one_row_of_each_kind());
  const std::unique_ptr<Store> clone = clone_memory_store(*store);
  EXPECT_EQ(dump_memory_store(*clone), dump_memory_store(*store));
  EXPECT_EQ(clone->position(), 1u);
  EXPECT_EQ(clone->catalog(at(0))->id_secret, store->catalog(at(0))->id_secret);
  EXPECT_EQ(clone->events({.filter = {.tenant = kTenant}})->events.size(), 1u);

  commit(*store, publish_one(5));
  EXPECT_NE(dump_memory_store(*clone), dump_memory_store(*store));
  EXPECT_FALSE(*clone->delivery(DeliveryId{5}));
  EXPECT_EQ(clone->catalog(at(0))->last_id, 3);
}

TEST(MemoryStore, TheDumpTellsEveryPendingRow) {
  const std::unique_ptr<Store> store = make_memory_store();
  EXPECT_EQ(dump_memory_store(*store), "");
  commit(*store, one_row_of_each_kind());
  const std::string dump = dump_memory_store(*store);
  for (const std::string_view row : {"tenant 7 ", "setting key=value\n", "message 1 ",
                                     "delivery 1 retried=0 due_at=2026-11-21T12:00:00.000Z lane=0 ",
                                     "dead_letter 3 ", "dedup 7 "}) {
    EXPECT_NE(dump.find(row), std::string::npos) << row << "is not in\n" << dump;
  }
}

TEST(MemoryStore, TheDumpChangesWithAnyFieldOfARow) {
  const std::unique_ptr<Store> first = make_memory_store();
  const std::unique_ptr<Store> second = make_memory_store();
  commit(*first, publish_one(1));
  commit(*second, publish_one(1));
  EXPECT_EQ(dump_memory_store(*first), dump_memory_store(*second));
  WriteSet set;
  Delivery cancelled = make_delivery({.id = DeliveryId{1}});
  cancelled.cancel_requested = true;
  set.add(PutDelivery{cancelled});
  commit(*second, std::move(set));
  EXPECT_NE(dump_memory_store(*first), dump_memory_store(*second));
}

TEST(MemoryStore, TheDumpDoesNotTellTheWayThatLedThere) {
  const std::unique_ptr<Store> straight = make_memory_store();
  const std::unique_ptr<Store> detour = make_memory_store();
  commit(*straight, publish_one(2));
  commit(*detour, publish_one(1));
  commit(*detour, publish_one(2));
  commit(*detour,
         finish(make_delivery({.id = DeliveryId{1}}), {make_event(at(1), EventState::kDelivered)}));
  EXPECT_EQ(dump_memory_store(*straight), dump_memory_store(*detour));
}

TEST(MemoryStore, OneSeedMakesOneStore) {
  Random first(1), same(1), other(2);
  const Catalog a = *make_memory_store(first)->catalog(at(0));
  const Catalog b = *make_memory_store(same)->catalog(at(0));
  const Catalog c = *make_memory_store(other)->catalog(at(0));
  EXPECT_EQ(a.id_secret, b.id_secret);
  EXPECT_EQ(a.store_id, b.store_id);
  EXPECT_NE(a.id_secret, c.id_secret);
  EXPECT_NE(a.store_id, c.store_id);
}

TEST(MemoryStore, ADeliveryWithoutItsMessageIsReportedAsDamage) {
  const std::unique_ptr<Store> store = make_memory_store();
  WriteSet set = publish_one(1);
  set.add(DropMessage{MessageId{1}});
  commit(*store, std::move(set));
  const auto loaded = store->delivery(DeliveryId{1});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kStoreCorrupt);
}

}  // namespace ferry::store
