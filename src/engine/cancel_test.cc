#include "engine/engine_fixture.h"

// The fixture's queue of a host takes four deliveries; `restart` makes rows that are not in memory.

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class CancelTest : public EngineTest {};

TEST_F(CancelTest, EndsAWaitingDeliveryAtOnce) {
  pass(Duration(10));
  const DeliveryId id = accept({.options = {.delay = seconds(1)}});
  apply(cancel({id}));
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  EXPECT_FALSE(row(id));
  EXPECT_EQ(log_of(id), "CREATED CANCEL_REQUESTED CANCELED");
  pass(seconds(2));
  EXPECT_TRUE(starts.empty());
}

TEST_F(CancelTest, EndsAReadyDeliveryAtOnce) {
  free_slots = 0;
  const DeliveryId id = accept({});
  pass(Duration(10));
  apply(cancel({id}));
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  free_slots = 10;
  pass(seconds(2));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(pending(), 0);
}

TEST_F(CancelTest, LoadsADeliveryThatIsOnlyInTheStore) {
  const DeliveryId id = accept({.options = {.delay = hours(1)}});
  settle();
  apply(cancel({id}));
  EXPECT_TRUE(replies.empty());
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  EXPECT_FALSE(row(id));
  EXPECT_EQ(log_of(id), "CREATED CANCEL_REQUESTED CANCELED");
}

TEST_F(CancelTest, CutsARunningAttempt) {
  pass(Duration(10));
  const DeliveryId id = accept({});
  const StartAttempt attempt = take_start();
  now += Duration(5);
  apply(cancel({id}));
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].delivery, id);
  EXPECT_EQ(cuts[0].start, attempt.start);
  EXPECT_EQ(engine->in_flight(), 0u);
  EXPECT_FALSE(row(id));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE CANCEL_REQUESTED CANCELED");
  now += Duration(5);
  apply(failed(attempt));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE CANCEL_REQUESTED CANCELED");
  EXPECT_TRUE(letters().empty());
}

TEST_F(CancelTest, OfAnAttemptThatRunsLongLogsItsBeginningOnce) {
  pass(Duration(10));
  const DeliveryId id = accept({});
  take_start();
  pass(std::chrono::seconds(2));
  apply(cancel({id}));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE CANCEL_REQUESTED CANCELED");
}

TEST_F(CancelTest, OfTheHeadOfAQueueLetsTheNextOneStartAtOnce) {
  pass(Duration(10));
  PublishOptions queued;
  queued.queue_name = "queue";
  const auto ids = accept_all({{.options = queued}, {.options = queued}});
  take_start();
  apply(cancel({ids[0]}));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(CancelTest, GivesTheSlotOfAFlowKeyBackAtOnce) {
  pass(Duration(10));
  PublishOptions keyed;
  keyed.flow_control =
      FlowControl{.key = "key", .parallelism = 1, .rate = {}, .period = std::chrono::seconds(1)};
  const auto ids = accept_all({{.options = keyed}, {.options = keyed}});
  take_start();
  apply(cancel({ids[0]}));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(CancelTest, OfTheFirstInAFlowKeysLineLetsTheNextOneGoToItsOwnHost) {
  options.host_in_flight_max = 1;
  pass(Duration(10));
  accept({.url = "https://hung.test/"});
  take_start();
  PublishOptions keyed;
  keyed.flow_control =
      FlowControl{.key = "key", .parallelism = 1, .rate = {}, .period = std::chrono::seconds(1)};
  const auto ids = accept_all({{.url = "https://hung.test/", .options = keyed},
                               {.url = "https://good.test/", .options = keyed}});
  EXPECT_TRUE(starts.empty());
  apply(cancel({ids[0]}));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(CancelTest, AnOutcomeThatComesAfterItIsDropped) {
  pass(Duration(10));
  const DeliveryId id = accept({});
  const StartAttempt attempt = take_start();
  now += Duration(5);
  apply(cancel({id}));
  apply(succeeded(attempt));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE CANCEL_REQUESTED CANCELED");
  EXPECT_EQ(pending(), 0);
}

TEST_F(CancelTest, FiresNoHooks) {
  const auto hook = [&](std::string url) {
    return HookOptions{std::move(url), std::make_shared<const PublishOptions>()};
  };
  pass(Duration(10));
  accept_all(std::vector<Item>{
      {.options = {.callback = hook("https://b.test/")}},
      {.options = {.max_retries = 0, .failure_callback = hook("https://c.test/")}}});
  const auto attempts = take_starts();
  ASSERT_EQ(attempts.size(), 2u);
  apply(cancel({attempts[0].delivery.id, attempts[1].delivery.id}));
  EXPECT_EQ(take_answer<Cancelled>().count, 2);
  apply(succeeded(attempts[0]), failed(attempts[1]));
  EXPECT_EQ(pending(), 0);
  EXPECT_TRUE(letters().empty());
}

TEST_F(CancelTest, CountsEachDeliveryOnce) {
  const DeliveryId waiting = accept({.options = {.delay = hours(1)}});
  const DeliveryId running = accept({});
  ASSERT_EQ(take_starts().size(), 1u);
  settle();
  apply(cancel({waiting, running, waiting, running}));
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 2);
  apply(cancel({waiting, running}));
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 0);
  EXPECT_EQ(log_of(waiting), "CREATED CANCEL_REQUESTED CANCELED");
  EXPECT_EQ(log_of(running), "CREATED ACTIVE CANCEL_REQUESTED CANCELED");
}

TEST_F(CancelTest, OfAnotherTenantsDeliveriesDoesNothing) {
  const DeliveryId held = accept({});
  const DeliveryId far = accept({.options = {.delay = hours(1)}});
  settle();
  Cancel foreign = cancel({held, far, DeliveryId{42}});
  foreign.tenant = TenantId{99};
  apply(std::move(foreign));
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 0);
  EXPECT_FALSE(row(held)->cancel_requested);
  EXPECT_TRUE(row(far));
}

TEST_F(CancelTest, SurvivesACrashBeforeTheAttemptEnded) {
  pass(Duration(10));
  const DeliveryId id = accept({});
  take_start();
  apply(cancel({id}));
  restart();
  pass(seconds(1));
  EXPECT_TRUE(starts.empty());
  EXPECT_FALSE(row(id));
  EXPECT_TRUE(log_of(id).ends_with("CANCEL_REQUESTED CANCELED"));
}

TEST_F(CancelTest, ReadsAgainWhatWasWrittenSinceTheRead) {
  // Far in the future, so not in memory; the attempt that meanwhile ends leaves memory, too.
  pass(Duration(10));
  const DeliveryId far = accept({.options = {.delay = hours(1)}});
  const DeliveryId running = accept({});
  const StartAttempt attempt = take_start();
  settle();
  apply(cancel({far, running}));
  ASSERT_EQ(loads.size(), 1u);
  const Loaded old = answer_of(loads.at(0));
  loads.clear();
  Outcome outcome{.kind = OutcomeKind::kFailed, .error = "busy", .retry_after = hours(2)};
  apply(ended(attempt, outcome));
  apply(old);
  EXPECT_TRUE(replies.empty());
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 2);
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(log_of(running), "CREATED ACTIVE ERROR RETRY CANCEL_REQUESTED CANCELED");
}

TEST_F(CancelTest, SaysWhenTheRowsCannotBeRead) {
  const DeliveryId far = accept({.options = {.delay = hours(1)}});
  settle();
  apply(cancel({far}));
  store.readable = false;
  apply(answer_of(loads.at(0)));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInternal);
  store.readable = true;
  EXPECT_TRUE(row(far));
}

TEST_F(CancelTest, OfAnOperatorWithoutACallerIsDoneSilently) {
  const DeliveryId id = accept({.options = {.delay = hours(1)}});
  Cancel silent = cancel({id});
  silent.reply = {};
  apply(std::move(silent));
  settle();
  EXPECT_TRUE(replies.empty());
  EXPECT_FALSE(row(id));
}

}  // namespace
}  // namespace ferry::engine
