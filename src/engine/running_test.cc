// Attempts that did not start: put back, nothing counted, nothing lost.

#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

class RunningTest : public EngineTest {
 protected:
  RunningTest() { settle(); }

  static NotStarted not_started(const StartAttempt& attempt, TimePoint not_before,
                                NotStartedReason reason = NotStartedReason::kDescriptors) {
    return {.delivery = attempt.delivery.id,
            .attempt = attempt.delivery.retried,
            .start = attempt.start,
            .reason = reason,
            .not_before = not_before};
  }
  std::vector<DeliveryId> started() {
    std::vector<DeliveryId> ids;
    for (const StartAttempt& start : take_starts()) ids.push_back(start.delivery.id);
    return ids;
  }
  static PublishOptions of_key(std::optional<std::int32_t> parallelism,
                               std::optional<std::int32_t> rate = {},
                               Duration period = std::chrono::seconds(1)) {
    PublishOptions options;
    options.flow_control =
        FlowControl{.key = "key", .parallelism = parallelism, .rate = rate, .period = period};
    return options;
  }
};

TEST_F(RunningTest, AnAttemptThatDidNotStartIsTriedAgainAndCountsForNothing) {
  const DeliveryId id = accept({});
  const StartAttempt first = take_start();
  const TimePoint not_before = now + Duration(100);
  apply(not_started(first, not_before));
  EXPECT_EQ(engine->in_flight(), 0u);
  EXPECT_EQ(wake_at, not_before);
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(log_of(id), "CREATED");
  EXPECT_EQ(row(id)->retried, 0);
  now = not_before - Duration(1);
  step();
  EXPECT_TRUE(starts.empty());
  now = not_before;
  step();
  const StartAttempt second = take_start();
  EXPECT_EQ(second.delivery.retried, 0);
  EXPECT_NE(second.start, first.start);
  apply(succeeded(second));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE DELIVERED");
  EXPECT_EQ(metrics.attempts_not_started.at(0).value(), 1u);
  EXPECT_EQ(metrics.failed_attempts_total.value(), 0u);
}

TEST_F(RunningTest, TheReasonIsCounted) {
  accept({});
  apply(not_started(take_start(), now, NotStartedReason::kResolver));
  EXPECT_EQ(metrics.attempts_not_started.at(2).value(), 1u);
}

TEST_F(RunningTest, AHostThatIsToWaitForEverWaitsAMinute) {
  accept({});
  apply(not_started(take_start(), TimePoint::max()));
  pass(std::chrono::minutes(1) - Duration(1));
  EXPECT_TRUE(starts.empty());
  pass(Duration(1));
  take_start();
}

TEST_F(RunningTest, AHostThatIsNotToWaitWaitsALittle) {
  accept({});
  apply(not_started(take_start(), TimePoint::min()));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(wake_at, now + Duration(10));
}

TEST_F(RunningTest, OtherHostsGoOn) {
  accept({.url = "https://a.test/"});
  apply(not_started(take_start(), now + Duration(100)));
  accept({.url = "https://b.test/"});
  EXPECT_EQ(take_start().delivery.to->target.url, "https://b.test/");
}

TEST_F(RunningTest, ThoseThatDidNotStartKeepTheirOrder) {
  const auto ids = accept_all({{.options = of_key(3)},
                               {.options = of_key(3)},
                               {.options = of_key(3)},
                               {.options = of_key(3)}});
  const auto running = take_starts();
  ASSERT_EQ(running.size(), 3u);
  apply(not_started(running[1], now), not_started(running[0], now), not_started(running[2], now));
  now += Duration(10);
  step();
  EXPECT_EQ(started(), (std::vector<DeliveryId>{ids[0], ids[1], ids[2]}));
}

TEST_F(RunningTest, AQueueStaysInOrder) {
  PublishOptions queued;
  queued.queue_name = "queue";
  const auto ids = accept_all({{.options = queued}, {.options = queued}});
  const StartAttempt first = take_start();
  EXPECT_EQ(first.delivery.id, ids[0]);
  apply(not_started(first, now));
  now += Duration(10);
  step();
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.id, ids[0]);
  apply(succeeded(again));
  EXPECT_EQ(take_start().delivery.id, ids[1]);
}

TEST_F(RunningTest, TheRateIsNotUsedUp) {
  const PublishOptions once_a_minute = of_key({}, 1, std::chrono::minutes(1));
  const auto ids = accept_all({{.options = once_a_minute}, {.options = once_a_minute}});
  apply(not_started(take_start(), now));
  now += Duration(10);
  step();
  EXPECT_EQ(started(), (std::vector<DeliveryId>{ids[0]}));
  pass(std::chrono::seconds(50));
  EXPECT_TRUE(starts.empty());
}

TEST_F(RunningTest, AStartOfAWindowThatIsOverIsNotGivenBack) {
  const PublishOptions once = of_key({}, 1, std::chrono::seconds(1));
  const auto ids = accept_all({{.options = once}, {.options = once}, {.options = once}});
  const StartAttempt first = take_start();
  now += std::chrono::seconds(1);
  step();
  EXPECT_EQ(started(), (std::vector<DeliveryId>{ids[1]}));
  apply(not_started(first, now));
  now += Duration(900);
  step();
  EXPECT_TRUE(starts.empty());
  now += Duration(100);
  step();
  EXPECT_EQ(started(), (std::vector<DeliveryId>{ids[0]}));
}

TEST_F(RunningTest, AReportOfAnAttemptThatDidNotStartIsStaleForTheNextOne) {
  const DeliveryId id = accept({});
  const StartAttempt first = take_start();
  apply(not_started(first, now));
  now += Duration(10);
  step();
  const StartAttempt second = take_start();
  apply(not_started(first, now), failed(first));
  EXPECT_EQ(engine->in_flight(), 1u);
  EXPECT_EQ(log_of(id), "CREATED");
  apply(succeeded(second));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE DELIVERED");
}

TEST_F(RunningTest, OneWhoseTenantIsPausedMeanwhileWaitsForIt) {
  accept({});
  const StartAttempt first = take_start();
  apply(SetPaused{.reply = next_caller(), .tenant = tenant_id, .paused = true});
  apply(not_started(first, now));
  pass(Duration(100));
  EXPECT_TRUE(starts.empty());
  apply(SetPaused{.reply = next_caller(), .tenant = tenant_id, .paused = false});
  pass(Duration(100));
  take_start();
}

TEST_F(RunningTest, AnAddressIsTakenForARunningAttemptOnly) {
  accept({});
  const StartAttempt start = take_start();
  const AttemptAddress told{.delivery = start.delivery.id,
                            .attempt = start.delivery.retried,
                            .start = start.start,
                            .address = "192.0.2.7"};
  apply(told, succeeded(start), told);
  EXPECT_EQ(engine->in_flight(), 0u);
}

}  // namespace
}  // namespace ferry::engine
