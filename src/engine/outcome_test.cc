#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::seconds;

class OutcomeTest : public EngineTest {
 protected:
  // Stores a message and starts its first attempt.
  StartAttempt start(PublishOptions given) {
    pass(Duration(1));
    accept({.options = std::move(given)});
    return take_start();
  }
  // Waits for the next attempt of whatever is pending.
  StartAttempt next_start(Duration wait) {
    pass(wait);
    return take_start();
  }
  std::vector<MessagePtr> pending_messages() {
    std::vector<MessagePtr> messages;
    const store::LaneQuery all{.until = TimePoint::max(), .rows_max = 100};
    for (const auto& loaded : store.lane(all)->rows) messages.push_back(loaded.message);
    return messages;
  }
};

HookOptions hook(std::string url, PublishOptions options = {}) {
  return {std::move(url), std::make_shared<const PublishOptions>(std::move(options))};
}

// ---- delivered, retried, dead

TEST_F(OutcomeTest, SuccessEndsTheDelivery) {
  const StartAttempt attempt = start({});
  now += Duration(40);
  apply(succeeded(attempt));
  EXPECT_EQ(log_of(attempt.delivery.id), "CREATED ACTIVE DELIVERED");
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(engine->in_flight(), 0u);
  EXPECT_EQ(metrics.delivered_total.value(), 1u);
  EXPECT_EQ(store.dump().find("message"), std::string::npos);  // its content left the state, too
}

TEST_F(OutcomeTest, FailureWaitsForTheBackoffAndTriesAgain) {
  const StartAttempt first = start({});
  apply(failed(first));
  EXPECT_EQ(row(first.delivery.id)->retried, 1);
  EXPECT_EQ(row(first.delivery.id)->due_at, now + seconds(7));
  pass(seconds(7) - Duration(1));
  EXPECT_TRUE(starts.empty());
  const StartAttempt second = next_start(Duration(1));
  EXPECT_EQ(second.delivery.id, first.delivery.id);
  EXPECT_EQ(second.delivery.retried, 1);
  EXPECT_EQ(log_of(first.delivery.id), "CREATED ACTIVE ERROR RETRY");
}

TEST_F(OutcomeTest, TellsInTheRetryEventWhenTheNextAttemptIsDue) {
  const StartAttempt attempt = start({});
  RecordOutcome late = failed(attempt);
  now += std::chrono::minutes(1);  // the outcome was long on its way: due at once
  apply(std::move(late));
  settle();
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.due_at, now);
  EXPECT_EQ(events_of(attempt.delivery.id).back().next_delivery_at, now);
}

TEST_F(OutcomeTest, FailureBeyondTheLastRetryMakesADeadLetter) {
  const StartAttempt first = start({.max_retries = 1, .retry_delay_expression = "1000"});
  apply(failed(first));
  const StartAttempt second = next_start(seconds(1));
  EXPECT_TRUE(letters().empty());
  apply(failed(second, 404));
  ASSERT_EQ(letters().size(), 1u);
  const DeadLetterPtr letter = letters()[0];
  EXPECT_EQ(letter->delivery.id, first.delivery.id);
  EXPECT_EQ(letter->delivery.retried, 1);
  EXPECT_EQ(letter->response->status, 404);
  EXPECT_EQ(letter->error, "unexpected status 404");
  EXPECT_EQ(letter->message->id, second.message->id);
  EXPECT_EQ(log_of(first.delivery.id), "CREATED ACTIVE ERROR RETRY ACTIVE ERROR FAILED");
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(metrics.dead_total.value(), 1u);
}

TEST_F(OutcomeTest, NonRetryableFailureIsDeadAtOnce) {
  const StartAttempt attempt = start({.max_retries = 5});
  apply(refused(attempt));
  EXPECT_EQ(letters().size(), 1u);
  EXPECT_EQ(log_of(attempt.delivery.id), "CREATED ACTIVE ERROR FAILED");
}

TEST_F(OutcomeTest, TakesTheDelayThatTheTargetAsksFor) {
  const StartAttempt attempt = start({.retry_delay_expression = "1000"});
  apply(
      ended(attempt, {.kind = OutcomeKind::kFailed, .error = "busy", .retry_after = seconds(90)}));
  EXPECT_EQ(row(attempt.delivery.id)->due_at, now + seconds(90));
  pass(seconds(89));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(next_start(seconds(1)).delivery.retried, 1);
}

TEST_F(OutcomeTest, WithARetryAfterOfNothingTriesAgainAtOnce) {
  const StartAttempt attempt = start({});
  apply(ended(attempt, {.kind = OutcomeKind::kFailed, .error = "busy", .retry_after = seconds(0)}));
  EXPECT_EQ(take_start().delivery.retried, 1);
}

TEST_F(OutcomeTest, EachAttemptIsTriedAgainAfterACrash) {
  const StartAttempt first = start({.max_retries = 0});
  restart();
  pass(Duration(1));
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.retried, 0);
  EXPECT_EQ(again.delivery.id, first.delivery.id);
  apply(succeeded(again));
  EXPECT_EQ(log_of(first.delivery.id), "CREATED ACTIVE DELIVERED");
}

// ---- stale outcomes

TEST_F(OutcomeTest, OfAnEarlierAttemptIsDropped) {
  const StartAttempt first = start({.retry_delay_expression = "0"});
  const RecordOutcome old = failed(first);
  apply(old);
  const StartAttempt second = take_start();
  apply(old);
  EXPECT_EQ(engine->in_flight(), 1u);
  EXPECT_EQ(row(first.delivery.id)->retried, 1);
  apply(succeeded(second));
  EXPECT_EQ(log_of(first.delivery.id), "CREATED ACTIVE ERROR RETRY ACTIVE DELIVERED");
}

TEST_F(OutcomeTest, GivenTwiceCountsOnce) {
  const StartAttempt attempt = start({});
  apply(succeeded(attempt), succeeded(attempt));
  apply(succeeded(attempt));
  EXPECT_EQ(log_of(attempt.delivery.id), "CREATED ACTIVE DELIVERED");
  EXPECT_EQ(engine->in_flight(), 0u);
}

TEST_F(OutcomeTest, OfAWaitingDeliveryIsDropped) {
  const StartAttempt attempt = start({});
  restart();
  free_slots = 0;
  pass(Duration(1));
  apply(failed(attempt));
  EXPECT_EQ(row(attempt.delivery.id)->retried, 0);
  EXPECT_EQ(log_of(attempt.delivery.id), "CREATED");
}

TEST_F(OutcomeTest, OfAnUnknownDeliveryIsDropped) {
  const StartAttempt attempt = start({});
  RecordOutcome unknown = succeeded(attempt);
  unknown.delivery = DeliveryId{7};
  apply(std::move(unknown));
  EXPECT_EQ(engine->in_flight(), 1u);
}

// ---- hooks

TEST_F(OutcomeTest, MakesACallbackForEachAttemptInTheSameWriteSet) {
  const StartAttempt first =
      start({.retry_delay_expression = "1000", .callback = hook("https://cb.test/")});
  apply(failed(first));
  ASSERT_EQ(store.last_sets.size(), 1u);
  const StartAttempt callback = take_start();
  EXPECT_EQ(callback.delivery.to->target.url, "https://cb.test/");
  EXPECT_EQ(callback.message->kind, MessageKind::kCallback);
  EXPECT_EQ(callback.message->source, first.delivery.id);
  EXPECT_EQ(callback.message->tenant, tenant_id);
  EXPECT_NE(callback.message->body.view().find("\"retried\":0"), std::string_view::npos);
  apply(succeeded(callback));
  const StartAttempt second = next_start(seconds(1));
  apply(succeeded(second));
  EXPECT_NE(take_start().message->body.view().find("\"retried\":1"), std::string_view::npos);
  EXPECT_EQ(metrics.hooks_total.value(), 2u);
}

TEST_F(OutcomeTest, MakesTheFailureCallbackOnceWithTheDeadLettersId) {
  const StartAttempt first = start({.max_retries = 1,
                                    .retry_delay_expression = "1000",
                                    .failure_callback = hook("https://fail.test/")});
  apply(failed(first));
  EXPECT_TRUE(starts.empty());
  const StartAttempt second = next_start(seconds(1));
  apply(failed(second));
  const StartAttempt callback = take_start();
  EXPECT_EQ(callback.message->kind, MessageKind::kFailureCallback);
  EXPECT_EQ(callback.delivery.to->target.url, "https://fail.test/");
  const std::string wanted = "\"dlqId\":\"" + wire_dead_letter_id(letters().at(0)->id) + "\"";
  EXPECT_NE(callback.message->body.view().find(wanted), std::string_view::npos);
}

TEST_F(OutcomeTest, FiresBothHooksOfTheLastAttempt) {
  const StartAttempt attempt =
      start({.callback = hook("https://cb.test/"), .failure_callback = hook("https://fail.test/")});
  apply(refused(attempt));
  const auto hooks = take_starts();
  ASSERT_EQ(hooks.size(), 2u);
  EXPECT_EQ(hooks[0].message->kind, MessageKind::kCallback);
  EXPECT_EQ(hooks[1].message->kind, MessageKind::kFailureCallback);
}

TEST_F(OutcomeTest, OfACallbackMayFireItsOwnHooks) {
  const PublishOptions inner{.callback = hook("https://third.test/")};
  const StartAttempt attempt = start({.callback = hook("https://second.test/", inner)});
  apply(succeeded(attempt));
  const StartAttempt second = take_start();
  apply(succeeded(second));
  const StartAttempt third = take_start();
  EXPECT_EQ(third.delivery.to->target.url, "https://third.test/");
  EXPECT_EQ(third.message->source, second.delivery.id);
  apply(succeeded(third));
  EXPECT_EQ(pending(), 0);
}

TEST_F(OutcomeTest, HonoursTheDelayOfACallback) {
  const StartAttempt attempt =
      start({.callback = hook("https://cb.test/", {.delay = seconds(20)})});
  apply(succeeded(attempt));
  ASSERT_EQ(pending_messages().size(), 1u);
  pass(seconds(19));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(next_start(seconds(1)).delivery.to->target.url, "https://cb.test/");
}

TEST_F(OutcomeTest, OfACallbackThatGivesUpIsADeadLetterOfItsOwn) {
  const StartAttempt attempt = start({.max_retries = 0, .callback = hook("https://cb.test/")});
  apply(succeeded(attempt));
  const StartAttempt callback = take_start();
  EXPECT_EQ(callback.message->max_retries, 0);  // its source's
  apply(failed(callback));
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0]->message->kind, MessageKind::kCallback);
}

TEST_F(OutcomeTest, IgnoresAHookThatNobodyAskedFor) {
  const StartAttempt attempt = start({});
  RecordOutcome record = succeeded(attempt);
  record.hooks.push_back({.kind = HookKind::kCallback, .body = "{}", .gap = {}});
  apply(std::move(record));
  EXPECT_EQ(pending(), 0);
}

}  // namespace
}  // namespace ferry::engine
