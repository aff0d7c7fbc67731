#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class InvocationsTest : public EngineTest {
 protected:
  FunctionPtr make(std::string name, AsyncConfig config = {}) {
    Function function;
    function.tenant = tenant_id;
    function.function = std::move(name);
    function.endpoint = "http://f.test:9000";
    config.qualifier = "LATEST";
    function.configs.push_back(std::move(config));
    return std::make_shared<const Function>(std::move(function));
  }
  FunctionPtr store_function(FunctionPtr function, FunctionPtr base = nullptr) {
    apply(SaveFunction{next_caller(), function, std::move(base)});
    take_answer<Done>();
    return function;
  }
  Invoke invoke(std::string function, std::string task = {}) {
    Invoke command;
    command.reply = next_caller();
    command.tenant = tenant_id;
    command.function = std::move(function);
    command.qualifier = "LATEST";
    command.event = Bytes::copy("event");
    command.request_id = "r-1";
    command.task_id = std::move(task);
    command.task_given = !command.task_id.empty();
    return command;
  }
  StartAttempt start(std::string function) {
    apply(invoke(std::move(function)));
    take_answer<Invoked>();
    settle();
    return take_start();
  }
  Outcome outcome(OutcomeKind kind) const {
    Outcome made{.kind = kind, .error = "e", .started_at = now, .ended_at = now};
    if (kind == OutcomeKind::kDelivered) made.error.clear();
    return made;
  }
  void end(const StartAttempt& attempt, OutcomeKind kind) { apply(ended(attempt, outcome(kind))); }
  std::int64_t counted(std::string_view name) {
    std::int64_t sum = 0;
    for (const auto& point : metrics.series.query(series_owner(tenant_id), name, {},
                                                  now - hours(10), now, std::chrono::hours(1))) {
      sum += point.value;
    }
    return sum;
  }
  // How long the attempts of a delivery wait for one another while all of them end that way.
  std::vector<Duration> waits(StartAttempt attempt, OutcomeKind kind, std::size_t most) {
    std::vector<Duration> found;
    while (found.size() < most) {
      end(attempt, kind);
      const auto again = row(attempt.delivery.id);
      if (!again) break;
      found.push_back(again->due_at - now);
      pass(found.back());
      attempt = take_start();
    }
    return found;
  }
};

TEST_F(InvocationsTest, AnEventBecomesADeliveryToTheFunctionAsItIsNow) {
  store_function(make("f", {.on_success = "kafka://c/t"}));
  const StartAttempt attempt = start("f");
  EXPECT_EQ(attempt.delivery.to->target.kind, TargetKind::kFunction);
  EXPECT_EQ(attempt.delivery.to->target.url, "http://f.test:9000/invoke");
  EXPECT_EQ(attempt.message->kind, MessageKind::kInvocation);
  EXPECT_EQ(attempt.message->invocation->request_id, "r-1");
  EXPECT_EQ(attempt.message->invocation->event_age_max, hours(24));
  EXPECT_EQ(attempt.message->on_success, "kafka://c/t");
  EXPECT_EQ(attempt.message->max_retries, 3);
}

TEST_F(InvocationsTest, AnUnknownFunctionOrQualifierIsNotFound) {
  store_function(make("f"));
  apply(invoke("g"));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
  Invoke other = invoke("f");
  other.qualifier = "7";
  apply(other);
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
  EXPECT_EQ(pending(), 0);
}

TEST_F(InvocationsTest, ADelayIsWaitedFor) {
  store_function(make("f"));
  Invoke later = invoke("f");
  later.delay = seconds(10);
  apply(later);
  pass(seconds(10) - milliseconds(1));
  EXPECT_TRUE(take_starts().empty());
  pass(milliseconds(1));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(InvocationsTest, FunctionErrorsAreRetriedSoOftenWithDoubledWaits) {
  store_function(make("f", {.max_retries = 8}));
  EXPECT_EQ(waits(start("f"), OutcomeKind::kFailed, 100),
            (std::vector<Duration>{seconds(1), seconds(2), seconds(4), seconds(8), seconds(16),
                                   seconds(32), seconds(60), seconds(60)}));
  EXPECT_EQ(letters().size(), 1u);
  EXPECT_EQ(counted("fc_function_errors_total"), 9);
  EXPECT_EQ(counted("fc_async_dequeued_total"), 1);
}

TEST_F(InvocationsTest, WithNoRetriesTheFirstErrorIsTheLast) {
  store_function(make("f", {.max_retries = 0}));
  EXPECT_TRUE(waits(start("f"), OutcomeKind::kFailed, 100).empty());
}

TEST_F(InvocationsTest, NoRoomIsRetriedForFiveHoursWithoutUsingUpTries) {
  store_function(make("f", {.max_retries = 1}));
  const TimePoint began = now;
  const auto found = waits(start("f"), OutcomeKind::kThrottled, 1'000);
  ASSERT_GT(found.size(), 60u);
  EXPECT_EQ(found[0], milliseconds(500));
  EXPECT_EQ(found[1], seconds(1));
  EXPECT_EQ(found.back(), minutes(5));
  EXPECT_LE(now, began + hours(5));
  EXPECT_GT(now, began + hours(5) - minutes(6));
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(InvocationsTest, AfterNoRoomAllTriesAreLeft) {
  store_function(make("f", {.max_retries = 1}));
  StartAttempt attempt = start("f");
  end(attempt, OutcomeKind::kThrottled);
  pass(milliseconds(500));
  attempt = take_start();
  EXPECT_EQ(attempt.delivery.retried, 1);
  end(attempt, OutcomeKind::kFailed);
  pass(seconds(1));
  end(take_start(), OutcomeKind::kFailed);
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(InvocationsTest, TheBudgetOfThrottlingSurvivesARestart) {
  store_function(make("f"));
  const TimePoint began = now;
  end(start("f"), OutcomeKind::kThrottled);
  restart();
  pass(hours(5));
  const StartAttempt attempt = take_start();
  EXPECT_EQ(attempt.delivery.first_attempt_at, began);
  EXPECT_EQ(attempt.delivery.throttled, 1);
  end(attempt, OutcomeKind::kThrottled);
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(InvocationsTest, ATaskIdIsTakenOnceEvenWhileItsRowIsRead) {
  store_function(make("f", {.task_mode = true}));
  apply(invoke("f", "t1"), invoke("f", "t1"));
  settle();
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Invoked>(replies[0].answer));
  EXPECT_EQ(std::get<Error>(replies[1].answer).code, ErrorCode::kConflict);
  replies.clear();
  pass(hours(24));
  apply(invoke("f", "t1"));
  settle();
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kConflict);
  apply(invoke("f", "t2"));
  settle();
  EXPECT_TRUE(take_answer<Invoked>().task_mode);
}

TEST_F(InvocationsTest, ATaskIdMayComeAgainAfterAWeek) {
  store_function(make("f", {.task_mode = true}));
  apply(invoke("f", "t1"));
  settle();
  take_answer<Invoked>();
  now += hours(24 * 7);
  restart();
  apply(invoke("f", "t1"));
  settle();
  take_answer<Invoked>();
}

TEST_F(InvocationsTest, OutsideTaskModeAnIdIsNothing) {
  store_function(make("f"));
  apply(invoke("f", "t1"));
  apply(invoke("f", "t1"));
  EXPECT_FALSE(take_answer<Invoked>().task_mode);
  EXPECT_EQ(pending(), 2);
}

// ---- functions as rows

TEST_F(InvocationsTest, AFunctionIsChangedOnlyByWhoKnowsIt) {
  const FunctionPtr first = store_function(make("f"));
  apply(SaveFunction{next_caller(), make("f"), nullptr});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kConflict);
  const FunctionPtr second = store_function(make("f"), first);
  apply(SaveFunction{next_caller(), make("f"), first});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kConflict);
  apply(SaveFunction{next_caller(), make("g"), second});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(InvocationsTest, FunctionsAreThereAfterARestart) {
  store_function(make("f"));
  restart();
  start("f");
}

TEST_F(InvocationsTest, FunctionsAndServicesAreSoManyAtMost) {
  step();
  Tenant limited = *tenant();
  limited.quotas.functions = 1;
  limited.quotas.services = 0;
  apply(save(limited));
  const FunctionPtr first = store_function(make("f"));
  apply(SaveFunction{next_caller(), make("g"), nullptr});
  const Error refused = take_answer<Error>();
  EXPECT_EQ(refused.code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(refused.text.contains("maxFunctions")) << refused.text;
  store_function(make("f"), first);  // changing one is allowed at the limit
  const auto service = std::make_shared<const Service>(Service{.tenant = tenant_id, .name = "s"});
  apply(SaveService{next_caller(), service, nullptr});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kQuotaExceeded);
  limited.quotas.services.reset();
  apply(save(limited));
  apply(SaveService{next_caller(), service, nullptr});
  take_answer<Done>();
}

// ---- pushes

class PushesTest : public InvocationsTest {
 protected:
  StartAttempt push_of_success() {
    store_function(make("f", {.on_success = "mns://m/queues/done"}));
    const StartAttempt attempt = start("f");
    end(attempt, OutcomeKind::kDelivered);
    return take_start();
  }
};

TEST_F(PushesTest, ASuccessIsPushedToItsDestinationInTheSameWriteSet) {
  const StartAttempt push = push_of_success();
  EXPECT_EQ(push.delivery.to->target.kind, TargetKind::kPush);
  EXPECT_EQ(push.delivery.to->target.url, "mns://m/queues/done");
  EXPECT_EQ(push.message->kind, MessageKind::kPush);
  EXPECT_TRUE(push.message->body.view().starts_with("{\"timestamp\":"));
  EXPECT_EQ(push.message->push->event_id, "r-1:s");
  EXPECT_EQ(push.message->push->function, "f");
  EXPECT_EQ(store.last_sets.size(), 1u);
  end(push, OutcomeKind::kDelivered);
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(counted("fc_destination_succeeded_total"), 1);
  EXPECT_EQ(counted("fc_destination_errors_total"), 0);
}

TEST_F(PushesTest, AFailureIsPushedOnceAtTheEnd) {
  store_function(make("f", {.on_failure = "kafka://k/failed", .max_retries = 1}));
  StartAttempt attempt = start("f");
  end(attempt, OutcomeKind::kFailed);
  pass(seconds(1));
  attempt = take_start();
  end(attempt, OutcomeKind::kFailed);
  const StartAttempt push = take_start();
  EXPECT_EQ(push.delivery.to->target.url, "kafka://k/failed");
  EXPECT_EQ(push.message->push->event_id, "r-1:f");
}

// Seed 003: from half a second on, doubled, for at most 30 minutes.
TEST_F(PushesTest, AreRetriedForHalfAnHourFromHalfASecondOn) {
  const StartAttempt push = push_of_success();
  const TimePoint began = now;
  const auto found = waits(push, OutcomeKind::kFailed, 1'000);
  ASSERT_GT(found.size(), 20u);
  EXPECT_EQ(found[0], milliseconds(500));
  EXPECT_EQ(found[1], seconds(1));
  EXPECT_EQ(found[2], seconds(2));
  EXPECT_EQ(found.back(), seconds(60));
  EXPECT_LE(now, began + minutes(30));
  EXPECT_GT(now, began + minutes(28));
  EXPECT_EQ(letters().size(), 1u);
  EXPECT_EQ(counted("fc_destination_errors_total"), 1);
  EXPECT_EQ(counted("fc_destination_attempts_total"), static_cast<std::int64_t>(found.size()) + 1);
}

TEST_F(PushesTest, TheHalfHourGoesOnAcrossARestart) {
  const StartAttempt push = push_of_success();
  const TimePoint began = now;
  end(push, OutcomeKind::kFailed);
  pass(minutes(20));
  restart();
  pass(seconds(1));
  StartAttempt again = take_starts().back();
  EXPECT_EQ(again.delivery.first_attempt_at, began);
  pass(minutes(9));
  end(again, OutcomeKind::kFailed);
  EXPECT_EQ(pending(), 1);  // once more
  pass(seconds(1));
  again = take_start();
  pass(minutes(1));
  end(again, OutcomeKind::kFailed);
  EXPECT_EQ(pending(), 0);
}

TEST_F(PushesTest, ARefusalIsRecordedAtOnceAndCanBeRetried) {
  const StartAttempt push = push_of_success();
  end(push, OutcomeKind::kNonRetryable);
  ASSERT_EQ(letters().size(), 1u);
  apply(RetryDeadLetters{next_caller(), tenant_id, {letters()[0]->id}, {}, {}});
  settle();
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.to->target.url, "mns://m/queues/done");
  EXPECT_EQ(again.message->push->event_id, "r-1:s");
  EXPECT_FALSE(again.delivery.first_attempt_at.has_value());
}

// ---- loops

TEST_F(PushesTest, TheChainOfInvocationsIsStoppedAtItsLimit) {
  store_function(make("a"));
  Lineage lineage;
  int started = 0;
  for (;; ++started) {
    if (started % 5 == 4) restart();
    Invoke command = invoke("a");
    command.lineage = lineage;
    apply(command);
    settle();
    const auto starting = take_starts();
    if (starting.empty()) break;
    lineage = starting.back().message->invocation->lineage;
    end(starting.back(), OutcomeKind::kDelivered);
    ASSERT_LT(started, 100);
  }
  EXPECT_EQ(started, 16);
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kRecursionDetected);
  EXPECT_EQ(counted("fc_recursion_dropped_total"), 1);
}

// What Pushes makes of a function that refuses to go on with the chain.
Outcome stopped() {
  Outcome outcome{.kind = OutcomeKind::kNonRetryable, .error = "recursion_detected: loop"};
  outcome.condition = kRecursionCondition;
  return outcome;
}

TEST_F(PushesTest, WhatTheGuardStoppedGoesToOnFailureOnce) {
  store_function(
      make("f", {.on_success = "acs:fc:::functions/f", .on_failure = "acs:fc:::functions/g"}));
  const StartAttempt invocation = start("f");
  end(invocation, OutcomeKind::kDelivered);
  const StartAttempt blocked = take_start();
  apply(ended(blocked, stopped()));
  EXPECT_EQ(store.last_sets.size(), 1u);  // the dead letter and what follows are one write-set
  const StartAttempt instead = take_start();
  EXPECT_EQ(instead.delivery.to->target.url, "acs:fc:::functions/g");
  EXPECT_EQ(instead.message->push->event_id, "r-1:f");
  EXPECT_EQ(instead.message->push->lineage, invocation.message->invocation->lineage);
  EXPECT_TRUE(instead.message->body.view().contains(R"("condition":"RecursionDetected")"));
  apply(ended(instead, stopped()));
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(letters().size(), 2u);
}

TEST_F(PushesTest, OtherRefusalsDoNotGoToOnFailure) {
  store_function(make("f", {.on_success = "kafka://k/t", .on_failure = "kafka://k/failed"}));
  const StartAttempt invocation = start("f");
  end(invocation, OutcomeKind::kDelivered);
  end(take_start(), OutcomeKind::kNonRetryable);
  EXPECT_EQ(pending(), 0);
}

}  // namespace
}  // namespace ferry::engine
