#include "domain/result_record.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

Message message_of(std::string event) {
  Message message;
  message.kind = MessageKind::kInvocation;
  message.created_at = from_unix_ms(1660120276975);
  message.body = Bytes::take(std::move(event));
  message.invocation = std::make_shared<const Invocation>(
      Invocation{.request_id = "xxx",
                 .qualifier = "LATEST",
                 .arn = "acs:fc:::services/Svc.LATEST/functions/f"});
  return message;
}

Outcome outcome_of(std::string condition, std::int32_t status, std::string body) {
  Outcome outcome;
  outcome.condition = std::move(condition);
  outcome.record_status = status;
  outcome.response = std::make_shared<const Response>(
      Response{.status = 200, .body = Bytes::take(std::move(body))});
  return outcome;
}

// The sample of seed 003, with its keys in its order.
TEST(ResultRecord, OfASuccessHasTheFormOfTheSeed) {
  EXPECT_EQ(render_record(message_of("{\"a\":1}"), Delivery{}, outcome_of("", 200, "ok\n"), {}),
            R"({"timestamp":1660120276975,"requestContext":{"requestId":"xxx",)"
            R"("functionArn":"acs:fc:::services/Svc.LATEST/functions/f","condition":"",)"
            R"("approximateInvokeCount":1},"requestPayload":"{\"a\":1}",)"
            R"("responseContext":{"statusCode":200,"functionError":""},"responsePayload":"ok\n"})");
}

TEST(ResultRecord, OfAFunctionErrorNamesItTwiceAndSaysThatTheFunctionRan) {
  Delivery delivery;
  delivery.retried = 3;
  const std::string record = render_record(message_of(""), delivery,
                                           outcome_of("UnhandledInvocationError", 200, "no"), {});
  EXPECT_NE(record.find(R"("condition":"UnhandledInvocationError","approximateInvokeCount":4)"),
            std::string::npos);
  EXPECT_NE(record.find(R"({"statusCode":200,"functionError":"UnhandledInvocationError"})"),
            std::string::npos);
}

TEST(ResultRecord, OfAnExhaustedFunctionSays429AndInTheSeedsForm200) {
  const Outcome outcome = outcome_of("FunctionResourceExhausted", 429, "");
  EXPECT_NE(render_record(message_of(""), {}, outcome, {})
                .find(R"({"statusCode":429,"functionError":""})"),
            std::string::npos);
  EXPECT_NE(render_record(message_of(""), {}, outcome, {.seed_status = true})
                .find(R"({"statusCode":200,"functionError":""})"),
            std::string::npos);
}

TEST(ResultRecord, BytesThatAreNoTextTravelAsBase64) {
  const std::string record = render_record(message_of("\xff"), {}, outcome_of("", 200, "\xfe"), {});
  EXPECT_NE(record.find(R"("requestPayload":"/w==","requestPayloadEncoding":"base64")"),
            std::string::npos);
  EXPECT_NE(record.find(R"("responsePayload":"/g==","responsePayloadEncoding":"base64")"),
            std::string::npos);
}

TEST(ResultRecord, WithoutAnAnswerTheResponseIsEmpty) {
  Outcome outcome;
  outcome.condition = "EventAgeExceeded";
  outcome.record_status = 500;
  EXPECT_NE(render_record(message_of(""), {}, outcome, {}).find(R"("responsePayload":""})"),
            std::string::npos);
}

TEST(ResultRecord, OfAStoppedResultHasTheConditionAndIsElseTheSame) {
  Message message = message_of(R"({"condition":""})");
  auto invocation = std::make_shared<Invocation>(*message.invocation);
  invocation->arn = R"(arn"condition":"")";
  message.invocation = invocation;
  const std::string record = render_record(message, Delivery{}, outcome_of("", 200, "ok"), {});
  std::string expected = record;
  const std::string_view before = R"(","condition":"")";
  const std::size_t at = record.find(before);
  ASSERT_NE(at, record.npos);
  expected.insert(at + before.size() - 1, "RecursionDetected");
  EXPECT_EQ(stopped_record(record), expected);
}

}  // namespace
}  // namespace ferry
