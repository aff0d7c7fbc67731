#include "dispatch/senders/http_result.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

PushResult answered(int status, std::string body = "") {
  return http_result(http::ClientResponse{.status = status, .body = Bytes::take(std::move(body))});
}

TEST(HttpResult, IsDeliveredByAnyStatusFrom200To299) {
  for (const int status : {200, 201, 204, 299}) {
    EXPECT_EQ(answered(status).kind, OutcomeKind::kDelivered) << status;
    EXPECT_EQ(answered(status).error, "");
  }
}

TEST(HttpResult, IsTriedAgainWhereAnotherAnswerIsPossible) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) {
    EXPECT_EQ(answered(status).kind, OutcomeKind::kFailed) << status;
    EXPECT_EQ(answered(status).status, status);
    EXPECT_NE(answered(status).error, "");
  }
}

TEST(HttpResult, EndsWithAnyOtherStatus) {
  for (const int status : {199, 300, 301, 304, 400, 401, 403, 404, 409, 410, 413, 422, 426, 499}) {
    EXPECT_EQ(answered(status).kind, OutcomeKind::kNonRetryable) << status;
  }
}

TEST(HttpResult, IsTriedAgainWithoutAnAnswerUnlessTheAddressIsAtFault) {
  const auto failed = [](ErrorCode code) { return http_result(fail(code, "why")); };
  for (const ErrorCode code :
       {ErrorCode::kDnsFailed, ErrorCode::kConnectFailed, ErrorCode::kTlsFailed,
        ErrorCode::kTimedOut, ErrorCode::kProtocolError, ErrorCode::kConnectionLost}) {
    EXPECT_EQ(failed(code).kind, OutcomeKind::kFailed);
    EXPECT_EQ(failed(code).status, 0);
    EXPECT_EQ(failed(code).error, "why");
  }
  EXPECT_EQ(failed(ErrorCode::kInvalidDestination).kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(failed(ErrorCode::kAddressRefused).kind, OutcomeKind::kNonRetryable);
}

TEST(HttpResult, KeepsTheBeginningOfALongAnswer) {
  EXPECT_EQ(answered(500, std::string(kPushAnswerBytesMax, 'x')).answer.size(),
            kPushAnswerBytesMax);
  EXPECT_EQ(answered(500, std::string(kPushAnswerBytesMax + 1, 'x')).answer.size(),
            kPushAnswerBytesMax);
}

}  // namespace
}  // namespace ferry::dispatch
