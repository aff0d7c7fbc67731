#include "domain/retry_policy.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr TimePoint kEnded = from_unix_ms(1'700'000'000'123);

Outcome outcome_of(OutcomeKind kind) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.ended_at = kEnded;
  return outcome;
}

struct Case {
  Message message;
  Delivery delivery;
  Outcome outcome = outcome_of(OutcomeKind::kFailed);
  RetrySettings settings;

  Verdict judged() const { return judge(message, delivery, outcome, settings); }
  Duration wait() const { return judged().retry_at - kEnded; }
};

TEST(Backoff, IsTheSeedsFormulaInWholeSeconds) {
  const RetrySettings settings;
  EXPECT_EQ(default_backoff(1, settings), seconds(7));
  EXPECT_EQ(default_backoff(2, settings), seconds(54));
  EXPECT_EQ(default_backoff(3, settings), seconds(403));
  EXPECT_EQ(default_backoff(4, settings), seconds(2980));
  EXPECT_EQ(default_backoff(5, settings), seconds(22026));
  EXPECT_EQ(default_backoff(6, settings), seconds(86400));
  EXPECT_EQ(default_backoff(7, settings), seconds(86400));
}

TEST(Backoff, AFactorOfTwoAndAHalfIsTheSpacingOfThePublicService) {
  const RetrySettings settings{.backoff_factor = 2.5};
  EXPECT_EQ(default_backoff(1, settings), seconds(12));
  EXPECT_EQ(default_backoff(2, settings), seconds(148));
  EXPECT_EQ(default_backoff(3, settings), seconds(1808));
  EXPECT_EQ(default_backoff(4, settings), seconds(22026));
  EXPECT_EQ(default_backoff(5, settings), seconds(86400));
}

TEST(Backoff, NeverExceedsItsMaximum) {
  EXPECT_EQ(default_backoff(1'000'000, {}), hours(24));
  EXPECT_EQ(default_backoff(1, {.backoff_max = seconds(7)}), seconds(7));
  EXPECT_EQ(default_backoff(1, {.backoff_max = seconds(6)}), seconds(6));
  EXPECT_EQ(default_backoff(1, {.backoff_max = Duration(250)}), Duration(250));
  EXPECT_EQ(default_backoff(1, {.backoff_max = Duration(0)}), Duration(0));
}

TEST(Verdict, ASuccessIsDelivered) {
  Case c{.outcome = outcome_of(OutcomeKind::kDelivered)};
  c.message.max_retries = 0;
  EXPECT_EQ(c.judged().step, NextStep::kDelivered);
}

TEST(Verdict, AFailureWithRetriesLeftIsTriedAgainAfterTheBackoff) {
  Case c;
  EXPECT_EQ(c.judged().step, NextStep::kRetry);
  EXPECT_EQ(c.wait(), seconds(7));
  c.delivery.retried = 2;
  EXPECT_EQ(c.judged().step, NextStep::kRetry);
  EXPECT_EQ(c.wait(), seconds(403));
}

TEST(Verdict, FailureBeyondTheLastRetryIsDead) {
  Case c;
  c.delivery.retried = 3;
  EXPECT_EQ(c.judged().step, NextStep::kDead);
  c.delivery.retried = 4;
  EXPECT_EQ(c.judged().step, NextStep::kDead);
}

TEST(Verdict, WithoutRetriesTheFirstFailureIsDead) {
  Case c;
  c.message.max_retries = 0;
  EXPECT_EQ(c.judged().step, NextStep::kDead);
}

TEST(Verdict, ANonRetryableFailureIsDeadAtOnce) {
  Case c{.outcome = outcome_of(OutcomeKind::kNonRetryable)};
  c.outcome.retry_after = seconds(1);
  EXPECT_EQ(c.judged().step, NextStep::kDead);
}

TEST(Verdict, OnlyAPushIsStoppedByTheGuardAgainstLoops) {
  Case c{.outcome = outcome_of(OutcomeKind::kNonRetryable)};
  c.outcome.condition = kRecursionCondition;
  EXPECT_FALSE(c.judged().stopped);
  c.message.push = std::make_shared<const PushOrigin>();
  EXPECT_TRUE(c.judged().stopped);
  c.outcome.condition.clear();
  EXPECT_FALSE(c.judged().stopped);
}

TEST(Verdict, TheTargetsOwnWaitWinsOverTheExpression) {
  Case c;
  c.message.retry_delay_expression = "5000";
  c.outcome.retry_after = seconds(90);
  EXPECT_EQ(c.wait(), seconds(90));
  c.outcome.retry_after = seconds(0);
  EXPECT_EQ(c.wait(), seconds(0));
}

TEST(Verdict, TheExpressionSeesTheNumberOfTheFailedAttempt) {
  Case c;
  c.message.retry_delay_expression = "1000 * (1 + retried)";
  EXPECT_EQ(c.wait(), seconds(1));
  c.delivery.retried = 2;
  EXPECT_EQ(c.wait(), seconds(3));
}

TEST(Verdict, TheExpressionIsCappedByTheSetting) {
  Case c;
  c.message.retry_delay_expression = "1e12";
  EXPECT_EQ(c.wait(), hours(24 * 7));
  c.settings.retry_delay_max = seconds(10);
  EXPECT_EQ(c.wait(), seconds(10));
  c.message.retry_delay_expression = "10001";
  EXPECT_EQ(c.wait(), seconds(10));
  c.message.retry_delay_expression = "9999";
  EXPECT_EQ(c.wait(), Duration(9999));
}

TEST(Verdict, AnExpressionWithoutANumberFallsBackToTheBackoff) {
  Case c;
  for (const char* text : {"1/0", "0/0", "not an expression"}) {
    c.message.retry_delay_expression = text;
    EXPECT_EQ(c.wait(), seconds(7)) << text;
  }
}

TEST(Verdict, IsTheSameWhoeverAsks) {
  Case c;
  c.message.retry_delay_expression = "exp(retried) * sqrt(2) * 1000";
  c.delivery.retried = 1;
  EXPECT_EQ(c.judged().retry_at, c.judged().retry_at);
  EXPECT_EQ(c.wait(), Duration(3844));
}

}  // namespace
}  // namespace ferry
