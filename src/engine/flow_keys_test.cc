#include "engine/flow_keys.h"

#include <gtest/gtest.h>

#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Change = ChangeFlowKey::Change;

class FlowKeyTest : public EngineTest {
 protected:
  static Item keyed(std::optional<std::int32_t> parallelism, std::optional<std::int32_t> rate,
                    Duration period = seconds(10)) {
    return {
        .options = {.max_retries = 0,
                    .flow_control = FlowControl{
                        .key = "k", .parallelism = parallelism, .rate = rate, .period = period}}};
  }
  ChangeFlowKey change(Change what) {
    return {.reply = next_caller(), .tenant = tenant_id, .key = "k", .change = what};
  }
  ResourceView view() {
    apply(ReadResources{next_caller(), tenant_id, ResourceKind::kFlowKey, "k"});
    const ResourceList list = take_answer<ResourceList>();
    return list.resources.empty() ? ResourceView{} : list.resources[0];
  }
  FlowKey key() { return *std::get<FlowKeyPtr>(view().resource); }
  std::int64_t waiting() {
    const ResourceView seen = view();
    const LaneId lane = seen.lane;
    return store.lane_sizes({&lane, 1})->at(0) - seen.running_in_lane + seen.waiting_elsewhere;
  }
};

TEST_F(FlowKeyTest, IsKnownWhenItsFirstMessageIsAccepted) {
  apply(publish(keyed(2, 5)));
  const FlowKey known = key();
  EXPECT_EQ(known.parallelism, 2);
  EXPECT_EQ(known.rate, 5);
  EXPECT_EQ(known.period, seconds(10));
}

TEST_F(FlowKeyTest, LimitsAttemptsAcrossHosts) {
  Item other = keyed(1, std::nullopt);
  other.url = "https://other.test/";
  const auto ids = accept_all({keyed(1, std::nullopt), other});
  const StartAttempt first = take_start();
  EXPECT_EQ(waiting(), 1);
  EXPECT_EQ(view().running, 1);
  apply(succeeded(first));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(FlowKeyTest, NeverStartsMoreThanTheRateInAWindow) {
  accept_all(std::vector<Item>(7, keyed(std::nullopt, 3)));
  EXPECT_EQ(take_starts().size(), 3u);
  EXPECT_EQ(view().started, 3);
  EXPECT_EQ(waiting(), 4);
  pass(seconds(9));
  EXPECT_TRUE(starts.empty());
  pass(seconds(1));
  EXPECT_EQ(take_starts().size(), 3u);
  pass(seconds(10));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(FlowKeyTest, ARestartCountsEveryReservedSlotAsUsed) {
  accept_all(std::vector<Item>(2, keyed(std::nullopt, 3)));
  EXPECT_EQ(take_starts().size(), 2u);
  restart();
  pass(seconds(9));
  EXPECT_TRUE(starts.empty());  // three were reserved, whoever used them
  pass(seconds(2));
  EXPECT_EQ(take_starts().size(), 2u);
}

TEST_F(FlowKeyTest, TheWindowIsStoredInTheStepOfItsFirstStart) {
  apply(publish(keyed(std::nullopt, 3)));
  ASSERT_EQ(starts.size(), 1u);
  bool stored = false;
  for (const store::WriteSet& set : store.last_sets) {
    for (const store::RowOperation& operation : set.operations) {
      const auto* put = std::get_if<store::PutResource>(&operation);
      const auto* row = put != nullptr ? std::get_if<FlowKeyPtr>(&put->resource) : nullptr;
      if (row != nullptr && (*row)->reserved == 3 && (*row)->window_start == now) stored = true;
    }
  }
  EXPECT_TRUE(stored);
}

TEST_F(FlowKeyTest, TheNewestMessagesValuesAreTheKeys) {
  apply(publish(keyed(2, 5)));
  apply(publish(keyed(std::nullopt, 7, minutes(1))));
  const FlowKey newest = key();
  EXPECT_EQ(newest.parallelism, 0);
  EXPECT_EQ(newest.rate, 7);
  EXPECT_EQ(newest.period, minutes(1));
}

TEST_F(FlowKeyTest, PinnedValuesStay) {
  ChangeFlowKey pin = change(Change::kPin);
  pin.parallelism = 4;
  apply(pin);
  apply(publish(keyed(1, 9)));
  EXPECT_EQ(key().parallelism, 4);
  EXPECT_EQ(key().rate, 9);
  EXPECT_TRUE(key().pinned_parallelism);
  ChangeFlowKey unpin = change(Change::kUnpin);
  unpin.parallelism = 1;
  apply(unpin);
  EXPECT_EQ(key().parallelism, 4);
  apply(publish(keyed(1, 9)));
  EXPECT_EQ(key().parallelism, 1);
}

TEST_F(FlowKeyTest, PausedNothingStarts) {
  apply(change(Change::kPause));  // before its first use
  const DeliveryId id = accept(keyed(1, std::nullopt));
  restart();
  pass(seconds(1));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(waiting(), 1);
  apply(change(Change::kResume));
  settle();
  EXPECT_EQ(take_start().delivery.id, id);
}

TEST_F(FlowKeyTest, AResetOpensANewWindow) {
  accept_all(std::vector<Item>(2, keyed(std::nullopt, 1)));
  take_start();
  apply(change(Change::kReset));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(FlowKeyTest, RetriesCountAgainstTheRate) {
  Item once = keyed(std::nullopt, 1, seconds(60));
  once.options.max_retries = 1;
  accept(once);
  apply(failed(take_start()));
  pass(seconds(30));
  EXPECT_TRUE(starts.empty());
  pass(seconds(30));
  EXPECT_EQ(take_start().delivery.retried, 1);
}

TEST_F(FlowKeyTest, TheHeadOfAQueueKeepsItsSlotWhileItWaitsForItsKey) {
  apply(change(Change::kPause));
  Item head = keyed(1, std::nullopt);
  head.options.queue_name = "q";
  const DeliveryId first = accept(head);
  const DeliveryId second = accept({.options = {.queue_name = "q"}});
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(waiting(), 1);
  apply(change(Change::kResume));
  settle();
  const StartAttempt start = take_start();
  EXPECT_EQ(start.delivery.id, first);
  apply(succeeded(start));
  EXPECT_EQ(take_start().delivery.id, second);
}

TEST_F(FlowKeyTest, AnIdleKeyIsDroppedAfterADay) {
  accept(keyed(1, std::nullopt));
  apply(succeeded(take_start()));
  pass(std::chrono::hours(25));
  apply(ReadResources{next_caller(), tenant_id, ResourceKind::kFlowKey, "k"});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(FlowKeyTest, AnIdleKeyStaysWhileItsWindowRuns) {
  accept(keyed(std::nullopt, 1, std::chrono::hours(48)));
  apply(succeeded(take_start()));
  pass(std::chrono::hours(25));
  accept(keyed(std::nullopt, 1, std::chrono::hours(48)));
  EXPECT_TRUE(starts.empty());
}

TEST_F(FlowKeyTest, AResetIsStoredBeforeItIsAnsweredEvenOnAPausedServer) {
  accept(keyed(std::nullopt, 1));
  take_start();
  apply(SetPaused{next_caller(), {}, true});
  pass(seconds(1));
  apply(change(Change::kReset));
  take_answer<Done>();
  EXPECT_EQ(key().window_start, now);
  EXPECT_EQ(key().reserved, 0);
}

TEST_F(FlowKeyTest, AWindowThatEndsOnAPausedServerWakesNobody) {
  accept_all(std::vector<Item>(2, keyed(std::nullopt, 1, seconds(1))));
  take_start();
  apply(SetPaused{next_caller(), {}, true});
  pass(seconds(2));
  step();
  EXPECT_GT(wake_at, now + Duration(100));
}

TEST_F(FlowKeyTest, CountsTheAttemptsOfATenant) {
  accept_all(std::vector<Item>(3, Item{}));
  settle();
  apply(ReadParallelism{next_caller(), tenant_id});
  EXPECT_EQ(take_answer<Parallelism>().count, 3);
}

}  // namespace
}  // namespace ferry::engine
