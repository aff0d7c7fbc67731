#include "store/tail.h"

#include <gtest/gtest.h>

#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

void publish(Tail& tail, WriteSet set, std::size_t bytes = 100) {
  const WriteSet sets[] = {std::move(set)};
  const std::size_t sizes[] = {bytes};
  tail.publish(sets, sizes);
}

WriteSet one(RowOperation operation) { return WriteSet{{std::move(operation)}}; }

Delivery delivery_of(std::int64_t id, std::int32_t retried = 0) {
  Delivery delivery = make_delivery({.id = DeliveryId{id}});
  delivery.retried = retried;
  return delivery;
}

TEST(Tail, KnowsWhatWasCommittedUntilItIsInTheTables) {
  Tail tail(100, 5, 0);
  EXPECT_EQ(tail.delivery(DeliveryId{1}), std::nullopt);
  publish(tail, one(PutDelivery{delivery_of(1)}));
  EXPECT_EQ(tail.position(), 6u);
  EXPECT_EQ(tail.bytes(), 100u);
  const std::shared_ptr<const CommitRun> run = tail.oldest();
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(run->first(), 6u);
  EXPECT_EQ(**tail.delivery(DeliveryId{1}), delivery_of(1));  // while it is applied
  tail.drop_oldest();
  EXPECT_EQ(tail.delivery(DeliveryId{1}), std::nullopt);
  EXPECT_EQ(tail.bytes(), 0u);
  EXPECT_EQ(tail.oldest(), nullptr);
}

TEST(Tail, TheNewestRunThatHasTheRowAnswers) {
  Tail tail(100, 0, 0);
  publish(tail, one(PutDelivery{delivery_of(1, 1)}));
  tail.oldest();  // closes it
  publish(tail, one(PutDelivery{delivery_of(1, 2)}));
  EXPECT_EQ((*tail.delivery(DeliveryId{1}))->retried, 2);
  publish(tail, one(DropDelivery{DeliveryId{1}}));
  ASSERT_TRUE(tail.delivery(DeliveryId{1}));
  EXPECT_EQ(*tail.delivery(DeliveryId{1}),
            std::nullopt);  // known to be gone, whatever the tables say
}

TEST(Tail, ARunIsClosedWhenItIsFullOrTaken) {
  Tail tail(2, 0, 0);
  publish(tail, one(PutDelivery{delivery_of(1)}));
  EXPECT_FALSE(tail.has_full_run());
  publish(tail, one(PutDelivery{delivery_of(2)}));
  EXPECT_TRUE(tail.has_full_run());
  publish(tail, one(PutDelivery{delivery_of(3)}));
  EXPECT_EQ(tail.oldest()->last(), 2u);
  tail.drop_oldest();
  EXPECT_EQ(tail.oldest()->first(), 3u);
  publish(tail, one(PutDelivery{delivery_of(4)}));
  EXPECT_EQ(tail.oldest()->last(), 3u);
  tail.drop_oldest();
  EXPECT_EQ(tail.oldest()->last(), 4u);
}

TEST(Tail, ARunKnowsWhichIdsNoTableHas) {
  Tail tail(1, 0, 10);
  publish(tail, one(PutDelivery{delivery_of(20)}));
  publish(tail, one(DropDelivery{DeliveryId{20}}));
  EXPECT_TRUE(tail.oldest()->is_new(20));
  tail.drop_oldest();
  EXPECT_FALSE(tail.oldest()->is_new(20));
}

TEST(Tail, PruningHidesWhatIsInOlderRunsAndInTheTables) {
  Tail tail(1, 0, 0);
  const DedupRecord record = make_dedup("id", at(10));
  publish(tail, one(PutDedup{record}));
  publish(tail, one(PruneDedup{at(20)}));
  const Tail::DedupAnswer here = tail.dedup(record.tenant, record.key);
  ASSERT_TRUE(here.known);
  EXPECT_EQ(*here.known, std::nullopt);
  const Tail::DedupAnswer elsewhere = tail.dedup(kOtherTenant, record.key);
  EXPECT_FALSE(elsewhere.known);
  EXPECT_EQ(elsewhere.pruned, at(20));
  publish(tail, one(PruneDeadLetters{at(20)}));
  ASSERT_TRUE(tail.dead_letter(DeadLetterId{id_at(at(19))}));
  EXPECT_EQ(*tail.dead_letter(DeadLetterId{id_at(at(19))}), nullptr);
  EXPECT_FALSE(tail.dead_letter(DeadLetterId{id_at(at(20))}));
}

TEST(Tail, AReleasedMessageIsFoundInAnOlderRunOrTheTables) {
  Tail tail(1, 0, 0);
  const MessagePtr message = make_message({.id = MessageId{1}});
  publish(tail, one(PutMessage{message}));
  publish(tail, one(ReleaseMessage{MessageId{1}}));
  publish(tail, one(ReleaseMessage{MessageId{2}}));
  EXPECT_EQ(tail.message(MessageId{1}), message);
  EXPECT_EQ(tail.message(MessageId{2}), std::nullopt);
  publish(tail, one(DropMessage{MessageId{1}}));
  EXPECT_EQ(tail.message(MessageId{1}), MessagePtr());
}

TEST(Tail, TheLastEventComesWithTheMessageOfAnOlderRun) {
  Tail tail(1, 0, 0);
  const MessagePtr message = make_message({.id = MessageId{1}});
  publish(tail, one(PutMessage{message}));
  EXPECT_FALSE(tail.last_event(DeliveryId{1}));
  publish(tail, one(AppendEntry{{delivery_of(1), {make_event(at(1), EventState::kDelivered)}}}));
  const auto last = tail.last_event(DeliveryId{1});
  ASSERT_TRUE(last);
  EXPECT_EQ(last->state, EventState::kDelivered);
  EXPECT_EQ(last->time, at(1));
  EXPECT_EQ(last->message, message);
}

}  // namespace
}  // namespace ferry::store
