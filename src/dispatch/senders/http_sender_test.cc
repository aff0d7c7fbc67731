#include "dispatch/senders/http_sender.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

struct HttpSenderTest : testing::Test {
  PushResult send(Push push) { return send_now(*sender, std::move(push)); }

  CannedClient client;
  std::unique_ptr<Sender> sender = make_http_sender(client, {}, 1);
};

TEST_F(HttpSenderTest, PostsTheRecordAsItIs) {
  EXPECT_EQ(send(sample_push("https://example.com/in?a=b#plain")).kind, OutcomeKind::kDelivered);
  EXPECT_EQ(client.last().method, "POST");
  EXPECT_EQ(client.last().url, "https://example.com/in?a=b");
  EXPECT_EQ(client.last().body.view(), R"({"a":1})");
  EXPECT_EQ(client.last().timeout, std::chrono::seconds(5));
  EXPECT_EQ(client.header("Content-Type"), "application/json");
  EXPECT_EQ(client.header("Ferry-Event-Id"), "r-1:s");
  EXPECT_FALSE(client.last().headers.contains("ce-id"));
  EXPECT_FALSE(client.last().headers.contains("Upstash-Signature"));
  EXPECT_FALSE(client.last().headers.contains("x-fcd-lineage"));
}

TEST_F(HttpSenderTest, PostsAStructuredCloudEvent) {
  send(sample_push("https://example.com/#ce-structured"));
  EXPECT_EQ(client.header("Content-Type"), "application/cloudevents+json; charset=utf-8");
  EXPECT_TRUE(client.last().body.view().ends_with(R"("data":{"a":1}})"));
  EXPECT_FALSE(client.last().headers.contains("ce-id"));
}

TEST_F(HttpSenderTest, PostsABinaryCloudEvent) {
  send(sample_push("https://example.com/#ce-binary"));
  EXPECT_EQ(client.header("Content-Type"), "application/json");
  EXPECT_EQ(client.header("ce-id"), "r-1:s");
  EXPECT_EQ(client.last().body.view(), R"({"a":1})");
}

TEST_F(HttpSenderTest, SignsWhatIsSentToWhereItIsSent) {
  Push push = sample_push("https://example.com/in#ce-structured");
  push.signing.key = "sig_k";
  send(push);
  const std::string token = client.header("Upstash-Signature");
  const std::size_t dot = token.find('.');
  const std::size_t last = token.rfind('.');
  const std::string claims = *base64_decode(token.substr(dot + 1, last - dot - 1));
  EXPECT_TRUE(claims.contains(R"("sub":"https://example.com/in")")) << claims;
  EXPECT_TRUE(claims.contains(R"("iat":1795293484)")) << claims;
  const std::string hash = base64url_encode(as_text(sha256(client.last().body.view())), true);
  EXPECT_TRUE(claims.contains("\"body\":\"" + hash + "\"")) << claims;
  HmacSha256 hmac("sig_k");
  EXPECT_EQ(token.substr(last + 1),
            base64url_encode(as_text(hmac.sign(token.substr(0, last))), false));
}

TEST_F(HttpSenderTest, SignsTheStandardWebhooksWayForATenantThatWantsIt) {
  Push push = sample_push("https://example.com/in#ce-structured");
  push.signing = {.key = "sig_k", .standard = true};
  send(push);
  EXPECT_EQ(client.header("webhook-id"), "r-1:s");
  EXPECT_EQ(client.header("webhook-timestamp"), "1795293484");
  const std::string content = "r-1:s.1795293484." + std::string(client.last().body.view());
  EXPECT_TRUE(content.contains(R"("specversion":"1.0")")) << content;
  EXPECT_EQ(client.header("webhook-signature"),
            "v1," + base64_encode(as_text(HmacSha256("sig_k").sign(content))));
  EXPECT_TRUE(client.last().headers.contains("Upstash-Signature"));
}

TEST_F(HttpSenderTest, StandardWebhooksHeadersAreOnlyForThoseWhoWantThemAndHaveAKey) {
  Push push = sample_push("https://example.com/in");
  push.signing = {.key = "sig_k", .standard = false};
  send(push);
  EXPECT_FALSE(client.last().headers.contains("webhook-id"));
  push.signing = {.key = "", .standard = true};
  send(push);
  EXPECT_FALSE(client.last().headers.contains("webhook-signature"));
}

TEST_F(HttpSenderTest, CarriesLineageAndTrace) {
  Push push = sample_push("https://example.com/");
  push.lineage = "v1;root=r";
  push.trace = {{"traceparent", "00-1-2-01"}, {"baggage", "k=v"}};
  send(push);
  EXPECT_EQ(client.header("x-fcd-lineage"), "v1;root=r");
  EXPECT_EQ(client.header("traceparent"), "00-1-2-01");
  EXPECT_EQ(client.header("baggage"), "k=v");
}

TEST_F(HttpSenderTest, JudgesTheAnswer) {
  client.answer_with(404, "gone");
  const PushResult missing = send(sample_push("https://example.com/"));
  EXPECT_EQ(missing.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.answer, "gone");
  client.answer = fail(ErrorCode::kTimedOut, "timed out");
  EXPECT_EQ(send(sample_push("https://example.com/")).kind, OutcomeKind::kFailed);
}

TEST_F(HttpSenderTest, RefusesAnEnvelopeThatIsTooLarge) {
  Push push = sample_push("https://example.com/#ce-structured");
  sender = make_http_sender(client, {.body_bytes_max = 100}, 1);
  const PushResult result = send(push);
  EXPECT_EQ(result.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(result.status, 413);
  EXPECT_TRUE(client.requests.empty());
  push.target.mode = PushTarget::Mode::kPlain;
  EXPECT_EQ(send(push).kind, OutcomeKind::kDelivered);
}

}  // namespace
}  // namespace ferry::dispatch
