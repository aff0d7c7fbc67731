#include "dispatch/senders/eventbridge_sender.h"

#include <gtest/gtest.h>

#include "dispatch/senders/aliyun_signature.h"
#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kBus = "acs:eventbridge:cn-x:1:eventbus/bus";
constexpr std::string_view kAccepted =
    R"({"FailedEntryCount":0,"EntryList":[{"EventId":"r-1:s","TraceId":"t"}],"RequestId":"q"})";

struct EventBridgeSenderTest : testing::Test {
  EventBridgeSenderTest() {
    use(connection());
    client.answer_with(200, std::string(kAccepted));
  }
  static Connection connection() {
    return {.name = "eventbridge",
            .kind = PushKind::kEventBridge,
            .address = "https://bridge.example",
            .user = "AK",
            .secret = "SK"};
  }
  void use(Connection given) {
    sender = std::move(*make_eventbridge_sender(client, std::move(given), 1));
  }
  PushResult send() { return send_now(*sender, sample_push(kBus)); }

  CannedClient client;
  std::unique_ptr<Sender> sender;
};

TEST_F(EventBridgeSenderTest, PutsABatchOfOneEvent) {
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kDelivered) << result.error;
  EXPECT_EQ(client.last().url, "https://bridge.example/openapi/putEvents");
  EXPECT_EQ(client.last().body.view(),
            R"([{"specversion":"1.0","id":"r-1:s","source":"acs:fc",)"
            R"("type":"fc:AsyncInvoke:succeeded",)"
            R"("subject":"acs:fc:::services/Svc.LATEST/functions/f",)"
            R"("time":"2026-11-21T20:38:00Z","datacontenttype":"application/json",)"
            R"("aliyuneventbusname":"bus","data":{"a":1}}])");
  EXPECT_EQ(client.header("Content-Type"), "application/cloudevents-batch+json; charset=utf-8");
  EXPECT_EQ(client.header("x-eventbridge-regionId"), "cn-x");
  EXPECT_EQ(client.header("x-eventbridge-version"), "2015-06-06");
}

TEST_F(EventBridgeSenderTest, SignsWithANonceOfItsOwn) {
  send();
  const std::string first = client.header("x-acs-signature-nonce");
  EXPECT_EQ(first.size(), 32u);
  http::ClientRequest request = client.last();
  request.headers.remove("Authorization");
  EXPECT_EQ(client.header("Authorization"),
            "acs:AK:" + aliyun_signature(request, "/openapi/putEvents", "x-acs-", "SK"));
  EXPECT_FALSE(client.last().headers.contains("x-acs-security-token"));
  send();
  EXPECT_NE(client.header("x-acs-signature-nonce"), first);
}

TEST_F(EventBridgeSenderTest, NamesATemporaryKey) {
  Connection with_token = connection();
  with_token.token = "STS";
  use(with_token);
  send();
  EXPECT_EQ(client.header("x-acs-security-token"), "STS");
  EXPECT_EQ(client.header("x-acs-accesskey-id"), "AK");
}

TEST_F(EventBridgeSenderTest, CarriesTheLineageOnlyOnRequest) {
  Push push = sample_push("eventbridge://eventbridge/bus");
  push.lineage = "v1;root=r";
  send_now(*sender, push);
  EXPECT_FALSE(client.last().body.view().contains("fcdlineage"));
  EXPECT_FALSE(client.last().headers.contains("x-eventbridge-regionId"));
  Connection with_lineage = connection();
  with_lineage.options = {{"lineage", "true"}, {"region", "cn-y"}};
  use(with_lineage);
  send_now(*sender, push);
  EXPECT_TRUE(client.last().body.view().contains(R"("fcdlineage":"v1;root=r")"));
  EXPECT_EQ(client.header("x-eventbridge-regionId"), "cn-y");
}

TEST_F(EventBridgeSenderTest, SeesAnEntryThatFailedInsideAGoodAnswer) {
  const auto failed = [this](const std::string& code) {
    client.answer_with(200, R"({"FailedEntryCount":1,"EntryList":[{"ErrorCode":")" + code +
                                R"(","ErrorMessage":"why"}]})");
    return send();
  };
  const PushResult unknown = failed("SomethingElse");
  EXPECT_EQ(unknown.kind, OutcomeKind::kFailed);
  EXPECT_EQ(unknown.error, "the event was not accepted: SomethingElse: why");
  EXPECT_EQ(failed("TooManyRequests").kind, OutcomeKind::kFailed);
  EXPECT_EQ(failed("EventBusNotExist").kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(failed("InvalidArgument.Data").kind, OutcomeKind::kNonRetryable);
}

TEST_F(EventBridgeSenderTest, BelievesNoAnswerWithoutACountOfFailures) {
  for (const char* answer : {"", "ok", "{}", R"({"FailedEntryCount":null})"}) {
    client.answer_with(200, answer);
    EXPECT_EQ(send().kind, OutcomeKind::kFailed) << answer;
  }
}

TEST_F(EventBridgeSenderTest, JudgesErrorsByTheirStatus) {
  client.answer_with(429, R"({"code":"TooManyRequests","message":"why","requestId":"q"})");
  const PushResult throttled = send();
  EXPECT_EQ(throttled.kind, OutcomeKind::kFailed);
  EXPECT_EQ(throttled.error, "unexpected status 429: TooManyRequests: why");
  client.answer_with(403, R"({"code":"SignatureDoesNotMatch","message":"why"})");
  EXPECT_EQ(send().kind, OutcomeKind::kNonRetryable);
  client.answer_with(409, R"({"code":"EventBusNotExist","message":"why"})");
  EXPECT_EQ(send().kind, OutcomeKind::kNonRetryable);
  client.answer_with(503, "busy");
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
}

TEST_F(EventBridgeSenderTest, MeasuresTheEventNotTheRecord) {
  send();
  const std::size_t event_bytes = client.last().body.size() - 2;
  Connection narrow = connection();
  narrow.body_bytes_max = event_bytes;
  use(narrow);
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  narrow.body_bytes_max = event_bytes - 1;
  use(narrow);
  EXPECT_EQ(send().status, 413);
}

TEST(EventBridgeSender, IsRefusedWithoutKeyOrWithAnUnknownOption) {
  CannedClient client;
  EXPECT_FALSE(make_eventbridge_sender(client, {.address = "http://h"}, 1).has_value());
  const Connection odd{
      .address = "http://h", .user = "AK", .secret = "SK", .options = {{"bus", "x"}}};
  EXPECT_FALSE(make_eventbridge_sender(client, odd, 1).has_value());
}

}  // namespace
}  // namespace ferry::dispatch
