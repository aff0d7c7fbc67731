#include <gtest/gtest.h>

#include <algorithm>

#include "domain/queue.h"
#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class QueueTest : public EngineTest {
 protected:
  static Item to_queue(std::string url = "https://a.test/") {
    return {.url = std::move(url), .options = {.max_retries = 1, .queue_name = "q"}};
  }
  static Item with_key(std::string key) { return {.options = {.ordering_key = std::move(key)}}; }
  SaveQueue save_queue(std::optional<std::int32_t> parallelism, std::optional<bool> paused = {}) {
    return {.reply = next_caller(),
            .tenant = tenant_id,
            .name = "q",
            .parallelism = parallelism,
            .paused = paused};
  }
  std::vector<DeliveryId> started() {
    std::vector<DeliveryId> ids;
    for (const StartAttempt& start : take_starts()) ids.push_back(start.delivery.id);
    return ids;
  }
  LaneId lane() {
    apply(ReadResources{next_caller(), tenant_id, ResourceKind::kQueue, "q"});
    return take_answer<ResourceList>().resources.at(0).lane;
  }
  std::int64_t lag() {
    const LaneId sequence = lane();
    return store.sequence_sizes({&sequence, 1})->at(0);
  }
};

TEST_F(QueueTest, IsMadeByItsFirstMessage) {
  accept(to_queue());
  apply(ReadResources{next_caller(), tenant_id, ResourceKind::kQueue, std::nullopt});
  const ResourceList list = take_answer<ResourceList>();
  ASSERT_EQ(list.resources.size(), 1u);
  const Queue& queue = *std::get<QueuePtr>(list.resources[0].resource);
  EXPECT_EQ(queue.name, "q");
  EXPECT_EQ(queue.parallelism, 1);
  EXPECT_FALSE(queue.paused);
}

TEST_F(QueueTest, AnExistingOneIsLeftAsItIs) {
  apply(save_queue(3, true));
  accept(to_queue());
  apply(ReadResources{next_caller(), tenant_id, ResourceKind::kQueue, "q"});
  const Queue queue = *std::get<QueuePtr>(take_answer<ResourceList>().resources.at(0).resource);
  EXPECT_EQ(queue.parallelism, 3);
  EXPECT_TRUE(queue.paused);
}

TEST_F(QueueTest, DeliversOneAtATimeInOrder) {
  const auto ids = accept_all({to_queue(), to_queue("https://b.test/"), to_queue()});
  EXPECT_EQ(lag(), 3);
  for (const DeliveryId id : ids) {
    const StartAttempt start = take_start();
    EXPECT_EQ(start.delivery.id, id);
    apply(succeeded(start));
  }
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(lag(), 0);
}

TEST_F(QueueTest, RetriesOfTheHeadHoldTheRestBack) {
  const auto ids = accept_all({to_queue(), to_queue()});
  apply(failed(take_start()));
  pass(seconds(5));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(lag(), 2);
  pass(seconds(5));
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.id, ids[0]);
  apply(failed(again));  // it is dead, and gone
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(QueueTest, TheHeadStaysHeadAcrossARestart) {
  const auto ids = accept_all({to_queue(), to_queue()});
  apply(failed(take_start()));
  restart();
  pass(seconds(3));
  EXPECT_TRUE(starts.empty());
  pass(seconds(10));
  EXPECT_EQ(take_start().delivery.id, ids[0]);
}

TEST_F(QueueTest, AnAttemptCutOffByACrashIsMadeAgainFirst) {
  const auto ids = accept_all({to_queue(), to_queue()});
  EXPECT_EQ(started(), std::vector{ids[0]});
  restart();
  step();
  settle();
  EXPECT_EQ(started(), std::vector{ids[0]});
}

TEST_F(QueueTest, IsNotFinishedBeforeItsCallbackIs) {
  Item head = to_queue();
  head.options.callback =
      HookOptions{"https://hook.test/", std::make_shared<const PublishOptions>(PublishOptions{})};
  const DeliveryId first = accept(head);
  const DeliveryId second = accept(to_queue());
  apply(succeeded(take_start()));
  const StartAttempt callback = take_start();
  EXPECT_EQ(callback.delivery.to->target.url, "https://hook.test/");
  EXPECT_EQ(row(first), std::nullopt);
  EXPECT_EQ(lag(), 1);
  restart();  // the callback still holds the slot
  step();
  settle();
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.id, callback.delivery.id);
  apply(succeeded(again));
  EXPECT_EQ(take_start().delivery.id, second);
}

TEST_F(QueueTest, StartsAsManyAsItsParallelism) {
  apply(save_queue(2));
  const auto ids = accept_all({to_queue(), to_queue(), to_queue()});
  EXPECT_EQ(started(), (std::vector{ids[0], ids[1]}));
  apply(save_queue(3));
  EXPECT_EQ(started(), std::vector{ids[2]});
}

TEST_F(QueueTest, StartsNothingWhilePaused) {
  apply(save_queue(std::nullopt, true));
  const auto ids = accept_all({to_queue(), to_queue()});
  restart();
  pass(seconds(1));
  EXPECT_TRUE(starts.empty());
  apply(save_queue(std::nullopt, false));
  settle();
  EXPECT_EQ(started(), std::vector{ids[0]});
}

TEST_F(QueueTest, APauseHoldsRetriesBackToo) {
  accept(to_queue());
  apply(failed(take_start()));
  apply(save_queue(std::nullopt, true));
  pass(seconds(10));
  EXPECT_TRUE(starts.empty());
  restart();
  pass(seconds(10));
  EXPECT_TRUE(starts.empty());
  apply(save_queue(std::nullopt, false));
  settle();
  EXPECT_EQ(take_start().delivery.retried, 1);
}

TEST_F(QueueTest, APauseHoldsBackWhatHasItsSlotAndWaitsForItsHost) {
  options.host_in_flight_max = 1;
  const DeliveryId blocker = accept({});
  settle();
  const DeliveryId head = accept(to_queue());
  apply(save_queue(std::nullopt, true));
  const StartAttempt running = take_start();
  EXPECT_EQ(running.delivery.id, blocker);
  apply(succeeded(running));
  settle();
  EXPECT_TRUE(starts.empty());
  apply(save_queue(std::nullopt, false));
  settle();
  EXPECT_EQ(take_start().delivery.id, head);
}

TEST_F(QueueTest, TheHeadStaysHeadWhenItsRowIsParkedForItsHostInACrash) {
  options.host_in_flight_max = 1;
  options.host_ready_max = 1;
  accept_all({Item{}, Item{}});
  settle();  // one runs, one waits: the next one is parked
  const DeliveryId head = accept(to_queue());
  const DeliveryId next = accept(to_queue("https://b.test/"));
  restart();
  pass(seconds(1));
  std::vector<DeliveryId> order;
  while (!starts.empty()) {
    std::vector<Command> ends;
    for (const StartAttempt& start : take_starts()) {
      order.push_back(start.delivery.id);
      ends.push_back(succeeded(start));
    }
    step(std::move(ends));
    settle();
  }
  ASSERT_EQ(order.size(), 4u);
  EXPECT_LT(std::ranges::find(order, head), std::ranges::find(order, next));
}

TEST_F(QueueTest, ADelayedHeadStaysHeadAcrossACrash) {
  Item later = to_queue();
  later.options.delay = seconds(1);
  const DeliveryId delayed = accept(later);
  pass(seconds(1));
  EXPECT_EQ(take_start().delivery.id, delayed);
  EXPECT_EQ(row(delayed)->lane, lane());
  accept(to_queue());
  restart();
  step();
  settle();
  EXPECT_EQ(take_start().delivery.id, delayed);
}

TEST_F(QueueTest, CancellingTheHeadFreesItsSlot) {
  const auto ids = accept_all({to_queue(), to_queue()});
  apply(failed(take_start()));
  apply(cancel({ids[0]}));
  settle();
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(QueueTest, ADelayedMessageJoinsWhenItIsDue) {
  Item later = to_queue();
  later.options.delay = seconds(10);
  const DeliveryId delayed = accept(later);
  const DeliveryId now_due = accept(to_queue());
  EXPECT_EQ(lag(), 2);
  apply(succeeded(take_start()));
  EXPECT_EQ(row(now_due), std::nullopt);
  pass(seconds(10));
  EXPECT_EQ(take_start().delivery.id, delayed);
}

TEST_F(QueueTest, LongQueuesAreParkedAndStayInOrder) {
  options.window_rows_max = 40;
  std::vector<Item> many(200, to_queue());
  const auto ids = accept_all(many);
  for (const DeliveryId id : ids) {
    settle();
    const StartAttempt start = take_start();
    ASSERT_EQ(start.delivery.id, id);
    apply(succeeded(start));
  }
  EXPECT_EQ(pending(), 0);
}

TEST_F(QueueTest, MembersThatWaitDoNotKeepTheHeadOut) {
  options.window_rows_max = 4;
  std::vector<Item> pairs;
  for (const char* name : {"a", "b", "c", "d"}) {
    Item item = to_queue();
    item.options.queue_name = name;
    item.options.max_retries = 1;
    pairs.push_back(item);
    pairs.push_back(item);
  }
  accept_all(pairs);
  for (int round = 0; round < 40 && pending() > 0; ++round) {
    settle();
    std::vector<Command> ends;
    for (const StartAttempt& start : take_starts()) {
      ends.push_back(start.delivery.retried == 0 ? failed(start) : succeeded(start));
    }
    step(std::move(ends));
    pass(seconds(10));
  }
  EXPECT_EQ(pending(), 0);
}

TEST_F(QueueTest, APausedTenantsQueueKeepsItsOrder) {
  const auto first = accept_all({to_queue(), to_queue(), to_queue()});
  const StartAttempt head = take_start();
  apply(SetPaused{next_caller(), tenant_id, true});
  apply(succeeded(head));
  EXPECT_TRUE(starts.empty());
  const DeliveryId last = accept(to_queue());
  apply(SetPaused{next_caller(), tenant_id, false});
  for (const DeliveryId id : {first[1], first[2], last}) {
    settle();
    const StartAttempt start = take_start();
    EXPECT_EQ(start.delivery.id, id);
    apply(succeeded(start));
  }
}

TEST_F(QueueTest, OrderingKeysAreSequencesOfTheirOwn) {
  const auto ids = accept_all({with_key("a"), with_key("a"), with_key("b")});
  auto running = take_starts();
  ASSERT_EQ(running.size(), 2u);
  EXPECT_EQ(running[0].delivery.id, ids[0]);
  EXPECT_EQ(running[1].delivery.id, ids[2]);
  apply(succeeded(running[0]));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(QueueTest, ADeadLetterRetriedJoinsItsQueueAtTheTail) {
  Item once = to_queue();
  once.options.max_retries = 0;
  accept(once);
  apply(failed(take_start()));
  const DeliveryId blocker = accept(to_queue());
  const StartAttempt running = take_start();
  apply(RetryDeadLetters{
      .reply = next_caller(), .tenant = tenant_id, .letters = {letters().at(0)->id}});
  settle();
  EXPECT_EQ(running.delivery.id, blocker);
  EXPECT_TRUE(starts.empty());
  apply(succeeded(running));
  EXPECT_EQ(take_start().delivery.to->queue_name, "q");
}

TEST_F(QueueTest, QuotasLimitQueuesAndTheirParallelism) {
  step();
  Tenant limited = *tenant();
  limited.quotas.queues = 1;
  limited.quotas.queue_parallelism = 2;
  apply(save(limited));
  apply(save_queue(3));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kQuotaExceeded);
  apply(save_queue(2));
  take_answer<Done>();
  Item other = to_queue();
  other.options.queue_name = "other";
  apply(publish(other));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kQuotaExceeded);
  apply(save_queue(1));  // changing one is allowed at the limit
  take_answer<Done>();
}

TEST_F(QueueTest, WhatIsLeftOfADroppedQueueGoesOnInOrder) {
  apply(save_queue(2, true));
  const auto ids = accept_all({to_queue(), to_queue()});
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kQueue, "q"});
  settle();
  EXPECT_EQ(started(), std::vector{ids[0]});
}

}  // namespace
}  // namespace ferry::engine
