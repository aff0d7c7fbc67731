#include "dispatch/outcome_classifier.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

constexpr TimePoint kNow = from_unix_ms(784'111'777'000);  // Sun, 06 Nov 1994 08:49:37 GMT

Outcome of(int status, HeaderList headers = {}) {
  http::ClientResponse answer;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = Bytes::copy("body");
  return classify(std::move(answer), kNow - Duration{5}, kNow);
}

TEST(OutcomeClassifier, OnlyTwoHundredsAreDelivered) {
  for (const int status : {200, 201, 204, 299}) {
    EXPECT_EQ(of(status).kind, OutcomeKind::kDelivered) << status;
    EXPECT_EQ(of(status).error, "") << status;
  }
  for (const int status : {199, 300, 301, 304, 400, 404, 429, 489, 500, 503}) {
    EXPECT_EQ(of(status).kind, OutcomeKind::kFailed) << status;
    EXPECT_EQ(of(status).error, "unexpected status " + std::to_string(status));
  }
}

TEST(OutcomeClassifier, KeepsTheAnswer) {
  const Outcome outcome = of(500, {{"X-A", "1"}});
  ASSERT_NE(outcome.response, nullptr);
  EXPECT_EQ(outcome.response->status, 500);
  EXPECT_EQ(outcome.response->body.view(), "body");
  EXPECT_EQ(*outcome.response->headers.find("x-a"), "1");
  EXPECT_EQ(outcome.started_at, kNow - Duration{5});
  EXPECT_EQ(outcome.ended_at, kNow);
}

TEST(OutcomeClassifier, NoAnswerIsAFailureWithItsErrorText) {
  const Outcome outcome = classify(fail(ErrorCode::kTimedOut, "timed out after 5s"), kNow, kNow);
  EXPECT_EQ(outcome.kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome.error, "timed out after 5s");
  EXPECT_EQ(outcome.response, nullptr);
  EXPECT_FALSE(outcome.retry_after.has_value());
}

TEST(OutcomeClassifier, TheHeaderMakesAnyFailureFinal) {
  EXPECT_EQ(of(489, {{"Upstash-NonRetryable-Error", "true"}}).kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(of(500, {{"upstash-nonretryable-error", "TRUE"}}).kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(of(489, {{"Upstash-NonRetryable-Error", "false"}}).kind, OutcomeKind::kFailed);
  EXPECT_EQ(of(200, {{"Upstash-NonRetryable-Error", "true"}}).kind, OutcomeKind::kDelivered);
}

TEST(RetryAfter, ReadsSecondsDatesAndGoDurations) {
  EXPECT_EQ(retry_after_of({{"Retry-After", "7"}}, kNow), Duration{7'000});
  EXPECT_EQ(retry_after_of({{"Retry-After", "0"}}, kNow), Duration{0});
  EXPECT_EQ(retry_after_of({{"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}}, kNow),
            Duration{60'000});
  EXPECT_EQ(retry_after_of({{"X-RateLimit-Reset-Tokens", "6m5s"}}, kNow), Duration{365'000});
}

TEST(RetryAfter, TakesTheFirstThatCanBeRead) {
  const HeaderList headers{{"X-RateLimit-Reset-Requests", "3"},
                           {"X-RateLimit-Reset", "soon"},
                           {"Retry-After", "1792577"},  // more than a day
                           {"X-RateLimit-Reset-Tokens", "4"}};
  EXPECT_EQ(retry_after_of(headers, kNow), Duration{3'000});
}

TEST(RetryAfter, IgnoresWhatIsTooLongPastOrUnreadable) {
  EXPECT_EQ(retry_after_of({{"Retry-After", "86400"}}, kNow), Duration{86'400'000});
  for (const char* text :
       {"86401", "-1", "99999999999999999", "", "later", "1792577000",
        "Sun, 06 Nov 1994 08:48:37 GMT",
        // Their milliseconds do not fit into 64 bits; cut off they are 616 ms and 0.
        "-18446744073709551", "-9223372036854775808", "9223372036854775807", "18446744073709551617",
        "1h999999999999999999999999ns"}) {
    EXPECT_FALSE(retry_after_of({{"Retry-After", text}}, kNow).has_value()) << text;
  }
}

}  // namespace
}  // namespace ferry::dispatch
