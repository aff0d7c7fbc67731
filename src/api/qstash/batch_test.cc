#include "api/qstash/batch.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;

engine::Answer store_items(const engine::Command& command) {
  engine::Published published;
  std::int64_t id = 1;
  for (const engine::PublishItem& item : std::get<engine::Publish>(command).items) {
    published.items.push_back({.deliveries = {{{id}, item.target.url, id == 2}}});
    ++id;
  }
  return published;
}

http::ServerResponse send(ApiUnderTest& api, std::string_view body) {
  return api.send("POST", "/v2/batch", {{"Content-Type", "application/json"}}, body);
}

std::string error_of(std::string_view body, int status = 400) {
  ApiUnderTest api;
  const auto response = send(api, body);
  EXPECT_EQ(response.status, status) << body;
  return response.body;
}

TEST(Batch, ItemsBecomeOneCommandAndAnswersKeepTheirOrder) {
  ApiUnderTest api;
  api.engine = store_items;
  const auto response = send(api, R"([
      {"destination":"https://a.com/?upstash-retries=9","body":"{\"x\":1}","queue":null,
       "headers":{"content-type":"application/json","upstash-delay":"3s",
                  "Upstash-Forward-X":["1","2"],"upstash-telemetry-sdk":"js"}},
      {"destination":"http://b.com","queue":"","unknown":{}}])");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            "[{\"messageId\":\"" + api.wire(1) +
                "\",\"url\":\"https://a.com/?upstash-retries=9\"},{\"messageId\":\"" + api.wire(2) +
                "\",\"url\":\"http://b.com\",\"deduplicated\":true}]");
  const auto& command = api.command<engine::Publish>();
  ASSERT_EQ(command.items.size(), 2u);
  EXPECT_EQ(command.items[0].target.url, "https://a.com/?upstash-retries=9");
  EXPECT_EQ(command.items[0].body.view(), R"({"x":1})");
  EXPECT_EQ(command.items[0].options.content_type, "application/json");
  EXPECT_EQ(command.items[0].options.delay, std::chrono::seconds(3));
  EXPECT_FALSE(command.items[0].options.max_retries);
  EXPECT_EQ(command.items[0].options.forward_headers, (HeaderList{{"X", "1"}, {"X", "2"}}));
  EXPECT_FALSE(command.items[1].options.content_type) << "nothing comes from the outer call";
  EXPECT_TRUE(command.items[1].body.empty());
}

TEST(Batch, QueuesGroupsAndUrlsGoTogether) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = send(api, R"([
      {"destination":"grp","queue":"q"},
      {"destination":"https://a.com","headers":{"Upstash-Queue-Name":"r"}},
      {"destination":"https://b.com","queue":"q","headers":{"Upstash-Queue-Name":"r"}}])");
  EXPECT_EQ(response.body, "[[{\"messageId\":\"" + api.wire(1) +
                               "\",\"url\":\"https://one.test\"},{\"messageId\":\"" + api.wire(2) +
                               "\",\"url\":\"https://two.test\"}],{\"messageId\":\"" + api.wire(3) +
                               "\",\"url\":\"https://a.com\"},{\"messageId\":\"" + api.wire(4) +
                               "\",\"url\":\"https://b.com\"}]");
  const auto& items = api.command<engine::Publish>().items;
  EXPECT_EQ(items[0].group_name, "grp");
  EXPECT_TRUE(items[0].target.url.empty());
  EXPECT_EQ(items[0].options.queue_name, "q");
  EXPECT_EQ(items[1].options.queue_name, "r");
  EXPECT_EQ(items[2].options.queue_name, "q");
}

TEST(Batch, AnAuthorizationInAnItemIsThePublishersOwn) {
  ApiUnderTest api;
  api.engine = store_items;
  send(api, R"([{"destination":"https://a.com","headers":{"Authorization":"Bearer mine",
                 "Upstash-Header-Forward":"true"}}])");
  EXPECT_EQ(api.command<engine::Publish>().items[0].options.forward_headers,
            (HeaderList{{"Authorization", "Bearer mine"}}));
}

TEST(Batch, NoItemsNeedNoEngine) {
  ApiUnderTest api;
  const auto response = send(api, "[]");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[]");
}

TEST(Batch, AnyInvalidItemRefusesTheWholeCallByItsIndex) {
  EXPECT_EQ(error_of(R"([{"destination":"https://a"},{"destination":"b c"}])"),
            R"({"error":"batch item 1: invalid destination url: )"
            R"(endpoint has invalid scheme, add http:// or https://"})");
  EXPECT_EQ(error_of(R"([{"destination":"https://a","headers":{"upstash-retries":"x"}}])"),
            R"({"error":"batch item 0: invalid Upstash-Retries header: )"
            R"('x' is not a whole number of 0 or more"})");
  EXPECT_EQ(
      error_of(R"([{"destination":"https://a","headers":{"upstash-retries":"1000001"}}])", 412),
      R"({"error":"batch item 0: quota maxRetries exceeded"})");
}

TEST(Batch, AGroupThatOnlyTheEngineMissesIsNamedByItsIndex) {
  ApiUnderTest api;
  UrlGroup group;
  group.name = "known";
  const auto oblige =
      test::obliging_engine({{.resource = std::make_shared<const UrlGroup>(std::move(group))}});
  api.engine = [&](const engine::Command& command) -> engine::Answer {
    if (!std::holds_alternative<engine::Publish>(command)) return oblige(command);
    return Error{ErrorCode::kInvalidDestination, "invalid destination url: no"};
  };
  const auto response = send(
      api, R"([{"destination":"https://a"},{"destination":"known"},{"destination":"unknown"}])");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"batch item 2: invalid destination url: no"})");
}

TEST(Batch, ItemsOfAnotherShapeAreRefused) {
  const auto expect = [](std::string_view item, std::string_view text) {
    EXPECT_EQ(error_of("[" + std::string(item) + "]"),
              "{\"error\":\"batch item 0: " + std::string(text) + "\"}");
  };
  expect("1", "not an object");
  expect("{}", "destination is missing or not a string");
  expect(R"({"destination":1})", "destination is missing or not a string");
  expect(R"({"destination":"https://a","body":{}})", "body is not a string");
  expect(R"({"destination":"https://a","headers":[]})", "headers is not an object");
  expect(R"({"destination":"https://a","headers":{"A":1}})",
         "the value of header A is neither a string nor an array of strings");
  expect(R"({"destination":"https://a","headers":{"A":[1]}})",
         "a value of header A is not a string");
  expect(R"({"destination":"https://a","queue":1})", "queue is not a string");
  expect(R"({"destination":"https://a","queue":"q r"})",
         "invalid queue name: 'q r' is not a name of letters, digits, '.', '_' and '-', at most "
         "256 bytes");
  expect(R"({"destination":"https://a","headers":{"Upstash-Cron":"* * * * *"}})",
         "invalid Upstash-Cron header: a batch makes no schedules");
  expect(R"({"destination":"https://a","queue":"q","headers":{"Upstash-Ordering-Key":"k"}})",
         "invalid Upstash-Ordering-Key header: a message of a queue has no ordering key");
}

TEST(Batch, ForwardedValuesFromJsonAreValidatedLikeHeaders) {
  EXPECT_EQ(error_of(R"([{"destination":"https://a","headers":{"Upstash-Forward-A":"x\r\ny"}}])"),
            R"({"error":"batch item 0: invalid Upstash-Forward-A header: )"
            R"(the value has a control character"})");
  error_of(R"([{"destination":"https://a","headers":{"X Y":"1","Upstash-Header-Forward":"1"}}])");
}

TEST(Batch, ABodyThatIsNoArrayIsRefused) {
  EXPECT_EQ(error_of(R"({"destination":"https://a"})"),
            R"({"error":"the body of a batch must be an array"})");
  EXPECT_TRUE(error_of("").starts_with(R"({"error":"invalid JSON body: )"));
}

TEST(Batch, EachItemObeysTheMessageLimit) {
  ApiUnderTest api;
  api.tenant.quotas.body_bytes_max = 4;
  api.publish_catalog();
  api.engine = store_items;
  EXPECT_EQ(send(api, R"([{"destination":"https://a","body":"1234"}])").status, 200);
  const auto refused = send(api, R"([{"destination":"https://a","body":"12345"}])");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.body, R"({"error":"batch item 0: quota maxMessageSize exceeded"})");
}

TEST(Batch, AnItemThatIsLargerThanAnyMessageIsRefusedBeforeItIsRead) {
  ApiUnderTest api({.body_bytes_max = 1'000});
  const auto refused = send(api, R"([{"destination":"https://a","x":")" +
                                     std::string((1u << 20) + 2'000, 'x') + R"("},)");
  EXPECT_EQ(refused.status, 413) << "and not 400 for the end that is missing";
  EXPECT_TRUE(refused.body.starts_with(R"({"error":"batch item 0: )")) << refused.body;
}

TEST(Batch, WhatIsNoItemIsRefusedAtOnce) {
  ApiUnderTest api;
  const auto refused = send(api, "[1,1,1,1");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"error":"batch item 0: not an object"})");
}

std::string batch_with_headers(std::size_t count, std::size_t value_bytes) {
  std::string body = R"([{"destination":"https://a","headers":{)";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) body += ',';
    body += "\"h" + std::to_string(i) + "\":\"" + std::string(value_bytes, 'v') + "\"";
  }
  return body + "}}]";
}

TEST(Batch, TheHeadersOfAnItemEndWhereThoseOfARequestEnd) {
  ApiUnderTest api;
  api.engine = store_items;
  EXPECT_EQ(send(api, batch_with_headers(limits::kRequestHeadersMax, 1)).status, 200);
  EXPECT_EQ(send(api, batch_with_headers(limits::kRequestHeadersMax + 1, 1)).status, 400);
  EXPECT_EQ(send(api, batch_with_headers(1, limits::kRequestHeaderBytesMax - 2)).status, 200);
  EXPECT_EQ(send(api, batch_with_headers(1, limits::kRequestHeaderBytesMax - 1)).status, 400);
}

TEST(Batch, TheNumberOfItemsEndsAtItsLimit) {
  ApiUnderTest api;
  api.engine = store_items;
  std::string body = "[";
  for (std::size_t i = 0; i < kBatchItemsMax; ++i) body += R"({"destination":"https://a"},)";
  body.back() = ']';
  EXPECT_EQ(send(api, body).status, 200);
  body.back() = ',';
  EXPECT_EQ(send(api, body + R"({"destination":"https://a"}])").status, 400);
}

}  // namespace
}  // namespace ferry::api
