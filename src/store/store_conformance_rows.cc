#include "store/store_conformance.h"
#include "store/test_rows.h"

// Rows by key: deliveries with their messages, deduplication records, dead letters, and one
// delivery as the API shows it.

namespace ferry::store {

using namespace test;

namespace {

MessagePtr message_of(std::int64_t id, std::string body = "hello") {
  return make_message({.id = MessageId{id}, .body = std::move(body)});
}

Delivery delivery_of(std::int64_t id) { return make_delivery({.id = DeliveryId{id}}); }

std::string describe_loaded(const Delivery& delivery, const MessagePtr& message) {
  return describe(LoadedDelivery{delivery, message});
}

}  // namespace

TEST_P(StoreConformance, ADeliveryIsReadBackInFull) {
  Random random(1);
  for (std::int64_t id = id_at(at(0)); id < id_at(at(0)) + 10; ++id) {
    auto message = std::make_shared<const Message>(random_message(random, MessageId{id}, kTenant));
    const Delivery delivery = random_delivery(random, DeliveryId{id}, *message);
    commit(publish(message, delivery, at(0)));
    in_every_life([&] {
      EXPECT_EQ(describe(get(store().delivery(delivery.id))), describe_loaded(delivery, message));
    });
  }
  EXPECT_FALSE(get(store().delivery(DeliveryId{1})));
}

TEST_P(StoreConformance, BodiesOfAnySizeAndContentSurvive) {
  std::string large(3'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i % 251);
  const std::vector<std::string> bodies = {"", std::string(1, '\0'), "\xff\xfe", std::move(large)};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i + 1);
    commit(publish(message_of(id, bodies[i]), delivery_of(id), at(0)));
  }
  in_every_life([&] {
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      const auto loaded = get(store().delivery(DeliveryId{static_cast<std::int64_t>(i + 1)}));
      ASSERT_TRUE(loaded);
      const Message& message = *loaded->message;
      EXPECT_EQ(body_bytes(message), bodies[i].size());
      if (is_body_stored(message)) continue;  // store_conformance_bodies.cc
      EXPECT_TRUE(message.body.view() == bodies[i]) << "body " << i;
    }
  });
}

TEST_P(StoreConformance, DeliveriesOfOneMessageEndOneByOne) {
  const MessagePtr message = message_of(1);
  const Delivery first = delivery_of(1);
  const Delivery second = make_delivery({.id = DeliveryId{2}, .message_id = message->id});
  WriteSet set = publish(message, first, at(0));
  set.add(PutDelivery{second});
  commit(std::move(set));
  WriteSet one;
  one.add(DropDelivery{first.id});
  commit(std::move(one));
  in_every_life([&] {
    EXPECT_FALSE(get(store().delivery(first.id)));
    EXPECT_EQ(describe(get(store().delivery(second.id))), describe_loaded(second, message));
  });
  commit(finish(second, {make_event(at(1), EventState::kDelivered)}));
  in_every_life([&] { EXPECT_FALSE(get(store().delivery(second.id))); });
}

TEST_P(StoreConformance, OperationsOfAWriteSetApplyInOrder) {
  const MessagePtr message = message_of(1);
  Delivery delivery = delivery_of(1);
  WriteSet set = publish(message, delivery, at(0));
  set.add(DropDelivery{delivery.id});
  commit(std::move(set));
  in_every_life([&] { EXPECT_FALSE(get(store().delivery(delivery.id))); });

  WriteSet again;
  again.add(PutDelivery{delivery});
  again.add(DropDelivery{delivery.id});
  delivery.retried = 1;
  again.add(PutDelivery{delivery});
  delivery.retried = 2;
  delivery.due_at = at(99);
  again.add(PutDelivery{delivery});
  commit(std::move(again));
  in_every_life([&] {
    EXPECT_EQ(describe(get(store().delivery(delivery.id))), describe_loaded(delivery, message));
  });
}

TEST_P(StoreConformance, WriteSetsOfOneCommitApplyInOrder) {
  Delivery delivery = delivery_of(1);
  std::vector<WriteSet> sets = {publish(message_of(1), delivery, at(0))};
  for (delivery.retried = 1; delivery.retried < 5; ++delivery.retried) {
    sets.emplace_back().add(PutDelivery{delivery});
  }
  get(store().commit(sets));
  in_every_life([&] {
    const auto loaded = get(store().delivery(delivery.id));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->delivery.retried, 4);
  });
}

TEST_P(StoreConformance, ADedupRecordIsReadUntilItIsPruned) {
  const DedupRecord record = make_dedup("key", at(1000));
  const DedupRecord same_key_elsewhere = make_dedup("key", at(2000), kOtherTenant);
  WriteSet set;
  set.add(PutDedup{make_dedup("key", at(500))});
  set.add(PutDedup{record});
  set.add(PutDedup{same_key_elsewhere});
  commit(std::move(set));
  in_every_life([&] {
    EXPECT_EQ(describe(get(store().dedup(kTenant, record.key))), describe(record));
    EXPECT_EQ(describe(get(store().dedup(kOtherTenant, record.key))), describe(same_key_elsewhere));
    EXPECT_FALSE(get(store().dedup(kTenant, make_dedup("other", at(0)).key)));
    EXPECT_FALSE(get(store().dedup(TenantId{99}, record.key)));
  });

  WriteSet at_the_edge;
  at_the_edge.add(PruneDedup{at(1000)});  // expires at that very moment, so not before it
  commit(std::move(at_the_edge));
  in_every_life([&] { EXPECT_TRUE(get(store().dedup(kTenant, record.key))); });
  WriteSet behind;
  behind.add(PruneDedup{at(1001)});
  commit(std::move(behind));
  in_every_life([&] {
    EXPECT_FALSE(get(store().dedup(kTenant, record.key)));
    EXPECT_TRUE(get(store().dedup(kOtherTenant, record.key)));
  });
}

TEST_P(StoreConformance, TheCatalogueNamesDedupKeysThatHaveNotExpired) {
  WriteSet set;
  set.add(PutDedup{make_dedup("early", at(1000))});
  set.add(PutDedup{make_dedup("late", at(1001), kOtherTenant)});
  commit(std::move(set));
  const DedupKey late = make_dedup("late", at(0)).key;
  in_every_life([&] {
    EXPECT_EQ(get(store().catalog(at(999))).dedup_keys.size(), 2u);
    EXPECT_EQ(get(store().catalog(at(1000))).dedup_keys, std::vector{late});
    EXPECT_TRUE(get(store().catalog(at(1001))).dedup_keys.empty());
  });
}

TEST_P(StoreConformance, ADeadLetterIsReadBackInFullUntilItIsDropped) {
  Random random(2);
  const auto message =
      std::make_shared<const Message>(random_message(random, MessageId{1}, kTenant));
  const Delivery delivery = random_delivery(random, DeliveryId{1}, *message);
  const DeadLetterPtr answered = make_dead_letter(DeadLetterId{2}, delivery, message, 503);
  const DeadLetterPtr silent = make_dead_letter(DeadLetterId{3}, delivery, message);
  WriteSet set;
  set.add(PutDeadLetter{silent});
  set.add(PutDeadLetter{answered});
  commit(std::move(set));
  in_every_life([&] {
    EXPECT_EQ(describe(get(store().dead_letter(answered->id, LargeBodies::kRead))),
              describe(answered));
    EXPECT_EQ(describe(get(store().dead_letter(silent->id, LargeBodies::kRead))), describe(silent));
    EXPECT_EQ(get(store().dead_letter(DeadLetterId{4}, LargeBodies::kRead)), nullptr);
  });
  WriteSet drop;
  drop.add(DropDeadLetter{answered->id});
  commit(std::move(drop));
  in_every_life([&] {
    EXPECT_EQ(get(store().dead_letter(answered->id, LargeBodies::kRead)), nullptr);
    EXPECT_NE(get(store().dead_letter(silent->id, LargeBodies::kRead)), nullptr);
  });
}

TEST_P(StoreConformance, PruningDropsDeadLettersMadeBefore) {
  const MessagePtr message = message_of(1);
  const DeadLetterId last_before{id_at(at(1000)) - 1};
  const DeadLetterId first_kept{id_at(at(1000))};
  WriteSet set;
  for (const DeadLetterId id : {DeadLetterId{5}, last_before, first_kept}) {
    set.add(PutDeadLetter{make_dead_letter(id, delivery_of(1), message)});
  }
  commit(std::move(set));
  WriteSet prune;
  prune.add(PruneDeadLetters{at(1000)});
  commit(std::move(prune));
  in_every_life([&] {
    EXPECT_EQ(get(store().dead_letter(DeadLetterId{5}, LargeBodies::kRead)), nullptr);
    EXPECT_EQ(get(store().dead_letter(last_before, LargeBodies::kRead)), nullptr);
    EXPECT_NE(get(store().dead_letter(first_kept, LargeBodies::kRead)), nullptr);
    EXPECT_EQ(get(store().totals()).dead_letters, 1);
  });
}

TEST_P(StoreConformance, APendingDeliveryIsViewedWithItsLatestState) {
  const MessagePtr message = message_of(id_at(at(0)));
  Delivery delivery = delivery_of(message->id.value);
  commit(publish(message, delivery, at(0)));
  const auto expect = [&](EventState state) {
    in_every_life([&] {
      const MessageView expected{delivery, message, false, state};
      EXPECT_EQ(describe(get(store().message_view(delivery.id, at(99)))), describe(expected));
    });
  };
  expect(EventState::kCreated);
  delivery.retried = 1;
  WriteSet retry;
  retry.add(PutDelivery{delivery});
  retry.add(AppendEntry{
      {delivery,
       {make_event(at(1), EventState::kActive), make_event(at(2), EventState::kError, 500),
        make_event(at(2), EventState::kRetry)}}});
  commit(std::move(retry));
  expect(EventState::kRetry);
  WriteSet active;
  active.add(AppendEntry{{delivery, {make_event(at(3), EventState::kActive)}}});
  commit(std::move(active));
  expect(EventState::kActive);
}

TEST_P(StoreConformance, AFinishedDeliveryIsViewedOnlyWhenItEndedAfterTheGivenTime) {
  std::int64_t id = id_at(at(0));
  for (const EventState state :
       {EventState::kDelivered, EventState::kFailed, EventState::kCanceled}) {
    const MessagePtr message = message_of(++id);
    Delivery delivery = delivery_of(id);
    commit(publish(message, delivery, at(0)));
    delivery.retried = 3;
    commit(finish(delivery, {make_event(at(10), EventState::kActive), make_event(at(20), state)}));
    in_every_life([&] {
      const MessageView expected{delivery, message, true, state};
      EXPECT_EQ(describe(get(store().message_view(delivery.id, at(19)))), describe(expected));
      EXPECT_FALSE(get(store().message_view(delivery.id, at(20))));
    });
  }
  EXPECT_FALSE(get(store().message_view(DeliveryId{++id}, at(-1000))));
}

TEST_P(StoreConformance, ADeliveryThatVanishedWithoutAFinalEventIsNotViewed) {
  const Delivery delivery = delivery_of(id_at(at(0)));
  commit(publish(message_of(delivery.id.value), delivery, at(0)));
  WriteSet set;
  set.add(DropDelivery{delivery.id});
  commit(std::move(set));
  in_every_life([&] { EXPECT_FALSE(get(store().message_view(delivery.id, at(-1000)))); });
}

TEST_P(StoreConformance, AFinishedDeliveryIsViewedAcrossMidnight) {
  const TimePoint midnight = at(12 * 3'600'000);
  const MessagePtr message = message_of(id_at(midnight - Duration(5'000)));
  const Delivery delivery = delivery_of(message->id.value);
  commit(publish(message, delivery, midnight - Duration(5'000)));
  // The entry begins before midnight and ends behind it.
  commit(finish(delivery, {make_event(midnight - Duration(1), EventState::kActive),
                           make_event(midnight + Duration(1), EventState::kDelivered)}));
  in_every_life([&] {
    const MessageView expected{delivery, message, true, EventState::kDelivered};
    EXPECT_EQ(describe(get(store().message_view(delivery.id, midnight))), describe(expected));
    EXPECT_FALSE(get(store().message_view(delivery.id, midnight + Duration(1))));
  });
}

}  // namespace ferry::store
