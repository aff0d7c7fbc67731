#include "store/commit_run.h"

#include <gtest/gtest.h>

#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

WriteSet set_of(std::initializer_list<RowOperation> operations) { return WriteSet{operations}; }

Delivery delivery_of(std::int64_t id) { return make_delivery({.id = DeliveryId{id}}); }

TEST(CommitRun, TheLastOperationOfARowWins) {
  CommitRun run(0);
  Delivery retried = delivery_of(1);
  retried.retried = 1;
  run.add(1, set_of({PutDelivery{delivery_of(1)}, PutDelivery{delivery_of(2)}}), 10);
  run.add(2, set_of({PutDelivery{retried}, DropDelivery{DeliveryId{2}}}), 10);
  EXPECT_EQ(run.deliveries().at(DeliveryId{1}), retried);
  EXPECT_EQ(run.deliveries().at(DeliveryId{2}), std::nullopt);
  EXPECT_EQ(run.operations(), 4u);
  EXPECT_EQ(run.bytes(), 20u);
  EXPECT_EQ(run.first(), 1u);
  EXPECT_EQ(run.last(), 2u);
}

TEST(CommitRun, ADroppedMessageIsStillThereForHistory) {
  CommitRun run(0);
  const MessagePtr message = make_message({.id = MessageId{1}});
  run.add(1, set_of({PutMessage{message}}), 0);
  run.add(2, set_of({DropMessage{MessageId{1}}, DropMessage{MessageId{2}}}), 0);
  EXPECT_EQ(run.messages().at(MessageId{1}).put, message);
  EXPECT_TRUE(run.messages().at(MessageId{1}).dropped);
  EXPECT_EQ(run.messages().at(MessageId{2}).put, nullptr);
}

TEST(CommitRun, AReleasedMessageIsThereForItsSiblings) {
  CommitRun run(0);
  const MessagePtr message = make_message({.id = MessageId{1}});
  run.add(1, set_of({PutMessage{message}, ReleaseMessage{MessageId{1}}}), 0);
  EXPECT_EQ(run.messages().at(MessageId{1}).put, message);
  EXPECT_TRUE(run.messages().at(MessageId{1}).released);
  EXPECT_FALSE(run.messages().at(MessageId{1}).dropped);
  run.add(2, set_of({PutMessage{message}, ReleaseMessage{MessageId{2}}}), 0);
  EXPECT_FALSE(run.messages().at(MessageId{1}).released);  // put again
  EXPECT_EQ(run.messages().at(MessageId{2}).put, nullptr);
}

TEST(CommitRun, TheLastOfAResourceAndOfASequenceWins) {
  CommitRun run(0);
  const Sequence held{.lane = 5, .tenant = kTenant, .held = {{DeliveryId{1}, 1}}};
  const Sequence free{.lane = 5, .tenant = kTenant, .held = {}};
  const QueuePtr queue = make_queue("q");
  run.add(
      1, set_of({PutResource{make_queue("q")}, PutResource{make_flow_key("q")}, PutSequence{held}}),
      0);
  run.add(2,
          set_of({DropResource{ResourceKind::kFlowKey, kTenant, "q"}, PutResource{queue},
                  PutSequence{free}}),
          0);
  ASSERT_EQ(run.resources().size(), 2u);
  EXPECT_EQ(run.resources().at({ResourceKind::kFlowKey, kTenant, "q"}), std::nullopt);
  EXPECT_EQ(std::get<QueuePtr>(*run.resources().at({ResourceKind::kQueue, kTenant, "q"})), queue);
  EXPECT_EQ(run.sequences().at(5), free);
}

TEST(CommitRun, AnIdAboveAllEarlierOnesIsInNoTable) {
  CommitRun run(10);
  run.add(1, set_of({PutDelivery{delivery_of(12)}}), 0);
  EXPECT_FALSE(run.is_new(10));
  EXPECT_TRUE(run.is_new(11));
  EXPECT_TRUE(run.is_new(12));
  EXPECT_EQ(run.last_id(), 12);
}

TEST(CommitRun, EntriesOfOneDeliveryBecomeOneAndKeepTheirPlaces) {
  CommitRun run(0);
  const Delivery before = delivery_of(1);
  Delivery after = before;
  after.retried = 3;
  const Event created = make_event(at(0), EventState::kCreated);
  const Event active = make_event(at(1), EventState::kActive);
  const Event failed = make_event(at(2), EventState::kError, 500);
  run.add(7, set_of({AppendEntry{{before, {created}}}, AppendEntry{{delivery_of(2), {created}}}}),
          0);
  run.add(8,
          set_of({AppendEntry{{delivery_of(2), {active}}}, AppendEntry{{after, {active, failed}}}}),
          0);
  ASSERT_EQ(run.entries().size(), 2u);
  const MergedEntry& merged = *run.entry_of(DeliveryId{1});
  EXPECT_EQ(merged.entry.delivery, after);
  EXPECT_EQ(merged.entry.events.size(), 3u);
  EXPECT_EQ(merged.parts, (std::vector<EntryPart>{{7, 0, 1, progress_of(before)},
                                                  {8, 1, 2, progress_of(after)}}));
  EXPECT_EQ(run.entry_of(DeliveryId{3}), nullptr);
}

TEST(CommitRun, PruningEmptiesWhatIsInTheRunAndSparesWhatComesLater) {
  CommitRun run(0);
  const DedupRecord early = make_dedup("early", at(10)), late = make_dedup("late", at(30));
  run.add(1, set_of({PutDedup{early}, PutDedup{late}, PruneDedup{at(20)}}), 0);
  EXPECT_EQ(run.dedup().at({early.tenant, early.key}), std::nullopt);
  EXPECT_EQ(run.dedup().at({late.tenant, late.key}), late);
  run.add(2, set_of({PutDedup{early}, PruneDedup{at(10)}}), 0);
  EXPECT_EQ(run.dedup().at({early.tenant, early.key}), early);  // expires at, not before
  EXPECT_EQ(run.dedup_pruned(), at(20));
}

TEST(CommitRun, PruningDeadLettersGoesByTheTimeOfTheirIds) {
  CommitRun run(0);
  const auto letter = [](std::int64_t id) {
    return PutDeadLetter{
        make_dead_letter(DeadLetterId{id}, delivery_of(1), make_message({.id = MessageId{1}}))};
  };
  const std::int64_t kept = id_at(at(20)), gone = kept - 1;
  run.add(1, set_of({letter(gone), letter(kept), PruneDeadLetters{at(20)}}), 0);
  EXPECT_TRUE(run.letters().at(DeadLetterId{gone}).dropped);
  EXPECT_FALSE(run.letters().at(DeadLetterId{kept}).dropped);
  EXPECT_NE(run.letters().at(DeadLetterId{gone}).put, nullptr);
}

}  // namespace
}  // namespace ferry::store
