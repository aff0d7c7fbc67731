#include "dispatch/senders/sqs_sender.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/legacy_digest.h"
#include "dispatch/senders/aws_signature.h"
#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

std::string stored_answer(std::string_view body) {
  return R"({"MessageId":"m","MD5OfMessageBody":")" + hex_encode(as_text(md5(body))) + "\"}";
}

struct SqsSenderTest : testing::Test {
  SqsSenderTest() {
    use({{"account", "123"}});
    client.answer_with(200, stored_answer(R"({"a":1})"));
  }
  void use(std::map<std::string, std::string> options, std::size_t body_bytes_max = 0) {
    sender =
        std::move(*make_sqs_sender(client, {.name = "aws",
                                            .kind = PushKind::kSqs,
                                            .address = "https://sqs.eu-central-1.amazonaws.com",
                                            .user = "AK",
                                            .secret = "SK",
                                            .body_bytes_max = body_bytes_max,
                                            .options = std::move(options)}));
  }
  PushResult send(std::string_view target = "sqs://aws/results") {
    return send_now(*sender, sample_push(target));
  }
  std::string_view body() const { return client.last().body.view(); }

  CannedClient client;
  std::unique_ptr<Sender> sender;
};

TEST_F(SqsSenderTest, SendsTheRecordWithItsEventId) {
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kDelivered) << result.error;
  EXPECT_EQ(client.last().url, "https://sqs.eu-central-1.amazonaws.com/");
  EXPECT_EQ(client.header("X-Amz-Target"), "AmazonSQS.SendMessage");
  EXPECT_EQ(client.header("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(body(), R"({"QueueUrl":"https://sqs.eu-central-1.amazonaws.com/123/results",)"
                    R"("MessageBody":"{\"a\":1}","MessageAttributes":)"
                    R"({"EventId":{"DataType":"String","StringValue":"r-1:s"}}})");
}

TEST_F(SqsSenderTest, SignsForTheRegionOfTheAddressOrTheOption) {
  send();
  EXPECT_TRUE(client.header("Authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AK/20261121/eu-central-1/sqs/"));
  http::ClientRequest request = client.last();
  request.headers.remove("Authorization");
  sign_aws_request(
      request, {.access_key_id = "AK", .secret = "SK", .region = "eu-central-1", .service = "sqs"},
      from_unix_ms(1'795'293'484'125));
  EXPECT_EQ(*request.headers.find("Authorization"), client.header("Authorization"));
  use({{"account", "123"}, {"region", "local"}});
  send();
  EXPECT_TRUE(client.header("Authorization").contains("/local/sqs/"));
}

TEST_F(SqsSenderTest, CarriesLineageAndTraceAsAttributes) {
  Push push = sample_push("sqs://aws/results");
  push.lineage = "v1;root=r";
  push.trace = {{"traceparent", "00-1-2-01"}, {"tracestate", ""}};
  send_now(*sender, push);
  EXPECT_TRUE(
      body().contains(R"("x-fcd-lineage":{"DataType":"String","StringValue":"v1;root=r"})"));
  EXPECT_TRUE(body().contains(R"("traceparent":{"DataType":"String","StringValue":"00-1-2-01"})"));
  EXPECT_FALSE(body().contains("tracestate"));  // SQS refuses an empty value
}

TEST_F(SqsSenderTest, GivesFifoMessagesAStableDeduplicationId) {
  send("sqs://aws/results.fifo");
  EXPECT_TRUE(body().ends_with(R"("MessageDeduplicationId":"r-1:s","MessageGroupId":"r-1"})"));
  Push push = sample_push("sqs://aws/results.fifo");
  push.event_id = std::string(129, 'x');
  send_now(*sender, push);
  EXPECT_FALSE(body().contains(R"("MessageDeduplicationId":"x)"));
  const std::string first(body());
  send_now(*sender, push);
  EXPECT_EQ(body(), first);
}

TEST_F(SqsSenderTest, TakesQueueUrlsOfAnotherForm) {
  use({{"queue_url", "http://local:9324/queue/{queue}"}});
  send();
  EXPECT_TRUE(body().starts_with(R"({"QueueUrl":"http://local:9324/queue/results",)"));
  use({{"queue_url", "http://local:9324/queue/fixed"}});
  send();
  EXPECT_TRUE(body().starts_with(R"({"QueueUrl":"http://local:9324/queue/fixed",)"));
}

TEST_F(SqsSenderTest, BelievesNoAnswerWithoutTheMd5OfTheBody) {
  for (const std::string& answer : {stored_answer("other"), std::string("{}"), std::string("")}) {
    client.answer_with(200, answer);
    const PushResult result = send();
    EXPECT_EQ(result.kind, OutcomeKind::kFailed) << answer;
    EXPECT_TRUE(result.error.contains("MD5")) << result.error;
  }
}

TEST_F(SqsSenderTest, TellsThrottlingFromOtherErrors) {
  const auto answered = [this](int status, const std::string& type) {
    client.answer_with(status, R"({"__type":")" + type + R"(","message":"why"})");
    return send();
  };
  const PushResult throttled = answered(400, "com.amazonaws.sqs#RequestThrottled");
  EXPECT_EQ(throttled.kind, OutcomeKind::kFailed);
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.error, "unexpected status 400: RequestThrottled: why");
  EXPECT_EQ(answered(403, "com.amazonaws.sqs#RequestThrottled").kind, OutcomeKind::kFailed);
  EXPECT_EQ(answered(400, "com.amazon.coral.service#RequestExpired").status, 408);
  EXPECT_EQ(answered(500, "InternalFailure").kind, OutcomeKind::kFailed);
  for (const char* type :
       {"com.amazonaws.sqs#QueueDoesNotExist", "com.amazonaws.sqs#InvalidMessageContents",
        "com.amazon.coral.service#AccessDeniedException", "InvalidSignatureException"}) {
    EXPECT_EQ(answered(400, type).kind, OutcomeKind::kNonRetryable) << type;
  }
}

TEST_F(SqsSenderTest, CountsAttributesAgainstTheLimit) {
  const std::size_t bytes = 7 + (7 + 6 + 5);  // the record; name, type and value of EventId
  use({{"account", "1"}}, bytes);
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  use({{"account", "1"}}, bytes - 1);
  EXPECT_EQ(send().status, 413);
}

TEST(SqsSender, IsRefusedWhereTheQueuesUrlsAreUnknown) {
  CannedClient client;
  Connection connection{.address = "http://h", .user = "AK", .secret = "SK"};
  EXPECT_FALSE(make_sqs_sender(client, connection).has_value());
  connection.options = {{"account", "1"}, {"queue_url", "http://h/{queue}"}};
  EXPECT_FALSE(make_sqs_sender(client, connection).has_value());
  connection.options = {{"account", "1"}};
  EXPECT_TRUE(make_sqs_sender(client, connection).has_value());
  connection.secret.clear();
  EXPECT_FALSE(make_sqs_sender(client, connection).has_value());
}

}  // namespace
}  // namespace ferry::dispatch
