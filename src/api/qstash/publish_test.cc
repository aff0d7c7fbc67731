#include "api/qstash/publish.h"

#include <gtest/gtest.h>

#include "api/answers.h"
#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kToken;
using test::make_request;

// An engine that stores every item under ids from `first` on.
auto engine_that_stores(std::int64_t first, bool deduplicated = false) {
  return [first, deduplicated](const engine::Command& command) -> engine::Answer {
    engine::Published published;
    std::int64_t id = first;
    for (const engine::PublishItem& item : std::get<engine::Publish>(command).items) {
      published.items.push_back({.deliveries = {{{id++}, item.target.url, deduplicated}}});
    }
    return published;
  };
}

TEST(Publish, CarriesTheCallToTheEngineAndItsIdBack) {
  ApiUnderTest api;
  api.engine = engine_that_stores(41);
  const auto response =
      api.send("POST", "/v2/publish/https://example.com/a%20b?x=1&upstash-retries=2&qstash_token=t",
               {{"Content-Type", "text/plain"},
                {"Upstash-Forward-X-A", "1"},
                {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}},
               "hello");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            "{\"messageId\":\"" + api.wire(41) + "\",\"url\":\"https://example.com/a%20b?x=1\"}");
  const auto& command = api.command<engine::Publish>();
  EXPECT_EQ(command.tenant, test::kTenant);
  EXPECT_EQ(command.caller_ip, "203.0.113.9");
  EXPECT_EQ(command.trace_context, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_EQ(command.items.size(), 1u);
  EXPECT_EQ(command.items[0].target.url, "https://example.com/a%20b?x=1");
  EXPECT_EQ(command.items[0].body.view(), "hello");
  EXPECT_EQ(command.items[0].options.max_retries, 2);
  EXPECT_EQ(command.items[0].options.content_type, "text/plain");
}

TEST(Publish, ADuplicateIsAcceptedWith202) {
  ApiUnderTest api;
  api.engine = engine_that_stores(7, true);
  const auto response =
      api.send("PUT", "/v2/publish/https://a.com", {{"Upstash-Deduplication-Id", "x"}});
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "{\"messageId\":\"" + api.wire(7) +
                               "\",\"url\":\"https://a.com\",\"deduplicated\":true}");
  EXPECT_TRUE(api.command<engine::Publish>().items[0].dedup_key);
}

TEST(Publish, DestinationsThatAreNoneAreRefusedWithoutTheEngine) {
  ApiUnderTest api;
  for (const char* target : {"/v2/publish/", "/v2/publish", "/v2/publish/ftp://x",
                             "/v2/publish/a%20b", "/v2/publish/http://localhost:9/"}) {
    const auto response = api.send("POST", target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_TRUE(response.body.starts_with("{\"error\":\"invalid destination url: ")) << target;
  }
}

TEST(Publish, DevelopmentMayNameLoopbackTargets) {
  Options options;
  options.allow_loopback_targets = true;
  ApiUnderTest api(options);
  api.engine = engine_that_stores(1);
  EXPECT_EQ(api.send("POST", "/v2/publish/http://localhost:9/").status, 200);
}

TEST(Publish, ErrorsOfOptionsNameTheHeader) {
  ApiUnderTest api;
  const auto response =
      api.send("POST", "/v2/publish/https://a.com", {{"Upstash-Retries", "many"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.starts_with("{\"error\":\"invalid Upstash-Retries header: "));
  EXPECT_EQ(*response.headers.find("Ferry-Error-Code"), "invalid_header");
}

TEST(Publish, ATenantsQuotasAnswer412) {
  ApiUnderTest api;
  api.tenant.quotas.max_retries = 3;
  api.publish_catalog();
  const auto response = api.send("POST", "/v2/publish/https://a.com", {{"Upstash-Retries", "4"}});
  EXPECT_EQ(response.status, 412);
  EXPECT_EQ(response.body, R"({"error":"quota maxRetries exceeded"})");
}

TEST(Publish, ABodyIsReadUpToTheLargestMessageOfTheTenant) {
  ApiUnderTest api;
  api.tenant.quotas.body_bytes_max = 4;
  api.publish_catalog();
  api.engine = engine_that_stores(1);
  EXPECT_EQ(api.send("POST", "/v2/publish/https://a.com", {{"Content-Length", "4"}}, "1234").status,
            200);
  const auto refused =
      api.send("POST", "/v2/publish/https://a.com", {{"Content-Length", "5"}}, "12345");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.body, R"({"error":"quota maxMessageSize exceeded"})");
}

TEST(Publish, TheQueryTokenLeavesAuthorizationToTheDestination) {
  ApiUnderTest api;
  api.engine = engine_that_stores(1);
  const auto response = api.send_raw(
      make_request("POST", "/v2/publish/https://a.com/?qstash_token=" + std::string(kToken),
                   {{"Authorization", "Basic eDp5"}, {"Upstash-Header-Forward", "true"}}, ""));
  EXPECT_EQ(response.status, 200);
  const auto& item = api.command<engine::Publish>().items[0];
  EXPECT_EQ(item.target.url, "https://a.com/");
  EXPECT_EQ(item.options.forward_headers, (HeaderList{{"Authorization", "Basic eDp5"}}));
}

TEST(Publish, TheHeaderTokenNeverTravels) {
  ApiUnderTest api;
  api.engine = engine_that_stores(1);
  api.send("POST", "/v2/publish/https://a.com", {{"Upstash-Header-Forward", "true"}});
  EXPECT_TRUE(api.command<engine::Publish>().items[0].options.forward_headers.empty());
}

TEST(Publish, TheCallersAddressComesFromTrustedProxies) {
  Options options;
  options.trusted_proxies = {"203.0.113.0/24"};
  ApiUnderTest api(options);
  api.engine = engine_that_stores(1);
  api.send("POST", "/v2/publish/https://a.com", {{"X-Forwarded-For", "198.51.100.1"}});
  EXPECT_EQ(api.command<engine::Publish>().caller_ip, "198.51.100.1");
}

TEST(Publish, AFullInboxAnswers503WithRetryAfter) {
  ApiUnderTest api;
  api.engine_is_full = true;
  const auto response = api.send("POST", "/v2/publish/https://a.com");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(*response.headers.find("Retry-After"), "1");
  EXPECT_EQ(*response.headers.find("Ferry-Error-Code"), "overloaded");
}

TEST(Publish, ASpentDayCarriesTheDailyFields) {
  ApiUnderTest api;
  api.tenant.quotas.messages_per_day = 1000;
  api.publish_catalog();
  api.use(1000);
  api.engine = [](const engine::Command&) {
    return Error{ErrorCode::kRateLimited, "daily quota of 1000 messages exceeded"};
  };
  const auto response = api.send("POST", "/v2/publish/https://a.com");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(*response.headers.find("RateLimit-Limit"), "1000");
  EXPECT_EQ(*response.headers.find("RateLimit-Remaining"), "0");
  EXPECT_EQ(*response.headers.find("RateLimit-Reset"), "1795305600");
}

TEST(Publish, EveryAnswerToATenantWithADailyLimitSaysWhatIsLeft) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_FALSE(api.send("GET", "/v2/keys").headers.contains("RateLimit-Limit"));
  api.tenant.quotas.messages_per_day = 10;
  api.publish_catalog();
  EXPECT_EQ(*api.send("GET", "/v2/keys").headers.find("RateLimit-Remaining"), "10");
  api.use(4);
  const auto published = api.send("POST", "/v2/publish/https://a.com");
  EXPECT_EQ(published.status, 200);
  EXPECT_EQ(*published.headers.find("RateLimit-Limit"), "10");
  EXPECT_EQ(*published.headers.find("RateLimit-Remaining"), "6");
  EXPECT_EQ(*published.headers.find("RateLimit-Reset"), "1795305600");
  EXPECT_EQ(*api.send("GET", "/v2/messages/none").headers.find("RateLimit-Remaining"), "6");
}

TEST(Publish, ALoweredDailyLimitIsNeverLessThanSpent) {
  ApiUnderTest api;
  api.tenant.quotas.messages_per_day = 3;
  api.publish_catalog();
  api.use(4);
  EXPECT_EQ(*api.send("GET", "/v2/keys").headers.find("RateLimit-Remaining"), "0");
}

TEST(Publish, AnotherDaysUsageIsNoneOfToday) {
  Tenant tenant;
  tenant.quotas.messages_per_day = 3;
  http::ServerResponse response;
  add_daily_limit(response, tenant, {.day = utc_day(test::kNow) - 1, .messages = 3}, test::kNow);
  EXPECT_EQ(*response.headers.find("RateLimit-Remaining"), "3");
}

TEST(Publish, OnlyAWellFormedTraceparentIsPassedOn) {
  const auto trace = [](std::string value) {
    return trace_context_of({{"Traceparent", std::move(value)}});
  };
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(trace(good), good);
  EXPECT_EQ(trace(good + "-x"), "");
  EXPECT_EQ(trace("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), "");
  EXPECT_EQ(trace("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), "");
  EXPECT_EQ(trace(""), "");
  EXPECT_EQ(trace_context_of({}), "");
}

}  // namespace
}  // namespace ferry::api
