#include "dispatch/senders/mns_sender.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/legacy_digest.h"
#include "dispatch/senders/aliyun_signature.h"
#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kQueue = "acs:mns:::/queues/q1/messages";
constexpr std::string_view kTopic = "acs:mns:::/topics/t1/messages";

std::string stored_answer(std::string_view message_body) {
  std::string md5_hex = hex_encode(as_text(md5(message_body)));
  for (char& c : md5_hex) c = static_cast<char>(std::toupper(c));
  return R"(<?xml version="1.0"?><Message xmlns="http://mns.aliyuncs.com/doc/v1/">)"
         "<MessageId>1</MessageId><MessageBodyMD5>" +
         md5_hex + "</MessageBodyMD5></Message>";
}

std::string error_answer(const std::string& code) {
  return R"(<?xml version="1.0"?><Error xmlns="http://mns.aliyuncs.com/doc/v1/"><Code>)" + code +
         "</Code><Message>why</Message><RequestId>r</RequestId><HostId>h</HostId></Error>";
}

struct MnsSenderTest : testing::Test {
  MnsSenderTest() {
    use({});
    client.answer_with(201, stored_answer("eyJhIjoxfQ=="));
  }
  void use(std::map<std::string, std::string> options, std::size_t body_bytes_max = 0) {
    Connection connection{.name = "mns",
                          .kind = PushKind::kMns,
                          .address = "http://mns.example/",
                          .user = "AK",
                          .secret = "SK",
                          .body_bytes_max = body_bytes_max,
                          .options = std::move(options)};
    sender = std::move(*make_mns_sender(client, std::move(connection)));
  }
  PushResult send(std::string_view target = kQueue) {
    return send_now(*sender, sample_push(target));
  }

  CannedClient client;
  std::unique_ptr<Sender> sender;
};

TEST_F(MnsSenderTest, SendsTheRecordInBase64ToAQueue) {
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kDelivered) << result.error;
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(client.last().method, "POST");
  EXPECT_EQ(client.last().url, "http://mns.example/queues/q1/messages");
  EXPECT_EQ(client.last().body.view(),
            R"(<?xml version="1.0" encoding="UTF-8"?>)"
            R"(<Message xmlns="http://mns.aliyuncs.com/doc/v1/">)"
            "<MessageBody>eyJhIjoxfQ==</MessageBody>"
            "<DelaySeconds>0</DelaySeconds><Priority>8</Priority></Message>");
}

// The signature of the contract's vector: the same request at the same time.
TEST_F(MnsSenderTest, SignsTheRequest) {
  send();
  EXPECT_EQ(client.header("Date"), "Sat, 21 Nov 2026 20:38:04 GMT");
  EXPECT_EQ(client.header("x-mns-version"), "2015-06-06");
  EXPECT_EQ(client.header("Content-Type"), "text/xml");
  EXPECT_EQ(client.header("Authorization"), "MNS AK:WgD8FII3j9cfEQlTV+ntR+/0m0c=");
  EXPECT_FALSE(client.last().headers.contains("security-token"));
}

TEST_F(MnsSenderTest, SendsTheTokenUnsigned) {
  sender = std::move(*make_mns_sender(client, {.kind = PushKind::kMns,
                                               .address = "http://mns.example",
                                               .user = "AK",
                                               .secret = "SK",
                                               .token = "STS"}));
  send();
  EXPECT_EQ(client.header("security-token"), "STS");
  EXPECT_EQ(client.header("Authorization"), "MNS AK:WgD8FII3j9cfEQlTV+ntR+/0m0c=");
}

TEST_F(MnsSenderTest, PublishesToATopicWithoutPriority) {
  EXPECT_EQ(send(kTopic).kind, OutcomeKind::kDelivered);
  EXPECT_EQ(client.last().url, "http://mns.example/topics/t1/messages");
  EXPECT_FALSE(client.last().body.view().contains("Priority"));
}

TEST_F(MnsSenderTest, SendsEscapedTextOnRequest) {
  use({{"base64", "false"}});
  client.answer_with(201, stored_answer(R"({"a":1})"));
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  EXPECT_TRUE(client.last().body.view().contains("<MessageBody>{&quot;a&quot;:1}</MessageBody>"));
}

TEST_F(MnsSenderTest, BelievesNoAnswerWithoutTheMd5OfTheBody) {
  for (const std::string& answer :
       {stored_answer("another"), std::string("<html>ok</html>"), std::string()}) {
    client.answer_with(201, answer);
    const PushResult result = send();
    EXPECT_EQ(result.kind, OutcomeKind::kFailed) << answer;
    EXPECT_TRUE(result.error.contains("MD5")) << result.error;
  }
}

TEST_F(MnsSenderTest, TriesAgainWhenThrottledOrLate) {
  client.answer_with(400, error_answer("QpsLimitExceeded"));
  const PushResult throttled = send();
  EXPECT_EQ(throttled.kind, OutcomeKind::kFailed);
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.error, "unexpected status 400: QpsLimitExceeded: why");
  client.answer_with(408, error_answer("TimeExpired"));
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
  client.answer_with(500, error_answer("InternalError"));
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
  client.answer = fail(ErrorCode::kConnectFailed, "cannot connect");
  EXPECT_EQ(send().error, "cannot connect");
}

TEST_F(MnsSenderTest, EndsWithEveryOtherError) {
  const std::vector<std::pair<int, std::string>> errors = {
      {400, "InvalidArgument"},       {400, "MalformedXML"},  {403, "AccessDenied"},
      {403, "SignatureDoesNotMatch"}, {404, "QueueNotExist"}, {404, "TopicNotExist"}};
  for (const auto& [status, code] : errors) {
    client.answer_with(status, error_answer(code));
    const PushResult result = send();
    EXPECT_EQ(result.kind, OutcomeKind::kNonRetryable) << code;
    EXPECT_EQ(result.status, status);
    EXPECT_TRUE(result.error.contains(code)) << result.error;
  }
}

TEST_F(MnsSenderTest, MeasuresTheMessageBodyAsItIsSent) {
  use({}, 12);
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  use({}, 11);
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(result.status, 413);
  EXPECT_EQ(client.requests.size(), 1u);
}

TEST(MnsSender, IsRefusedWithoutKeyAddressOrWithAnUnknownOption) {
  CannedClient client;
  const Connection good{.address = "http://h", .user = "AK", .secret = "SK"};
  EXPECT_TRUE(make_mns_sender(client, good).has_value());
  Connection bad = good;
  bad.secret.clear();
  EXPECT_FALSE(make_mns_sender(client, bad).has_value());
  bad = good;
  bad.address = "host:80";
  EXPECT_FALSE(make_mns_sender(client, bad).has_value());
  bad = good;
  bad.options["base46"] = "true";
  EXPECT_FALSE(make_mns_sender(client, bad).has_value());
  bad = good;
  bad.options["base64"] = "yes";
  EXPECT_FALSE(make_mns_sender(client, bad).has_value());
}

}  // namespace
}  // namespace ferry::dispatch
