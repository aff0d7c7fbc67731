#include "api/api.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "api/routes.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::make_request;

http::ServerResponse send_as(ApiUnderTest& api, std::string_view token, std::string_view method,
                             std::string_view target) {
  return api.send_raw(
      make_request(method, target, {{"Authorization", "Bearer " + std::string(token)}}));
}

TEST(Api, StrangersAreRefusedBeforeTheirBodyIsRead) {
  ApiUnderTest api;
  for (const char* target :
       {"/v2/publish/https://a", "/v2/messages/x", "/v2/unknown", "/v2/keys/"}) {
    const auto response = api.send_raw(make_request("POST", target));
    EXPECT_EQ(response.status, 401) << target;
    EXPECT_EQ(response.body, R"({"error":"unable to authenticate: invalid token"})");
    EXPECT_EQ(*response.headers.find("Ferry-Error-Code"), "unauthenticated");
    EXPECT_EQ(*response.headers.find("Content-Type"), "application/json");
  }
}

TEST(Api, ASuspendedTenantIsForbidden) {
  ApiUnderTest api;
  EXPECT_EQ(send_as(api, test::kSuspendedToken, "GET", "/v2/events").status, 403);
}

TEST(Api, AReadOnlyTokenReadsButNeverChangesNorSeesKeys) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  for (const char* target :
       {"/v2/events", "/v2/logs", "/v2/dlq", "/v2/messages", "/v2/queues", "/v2/topics",
        "/v2/schedules", "/v2/flowControl", "/v2/globalParallelism"}) {
    EXPECT_EQ(send_as(api, test::kReadOnlyToken, "GET", target).status, 200) << target;
  }
  const std::pair<const char*, const char*> changes[] = {{"POST", "/v2/publish/https://a"},
                                                         {"POST", "/v2/batch"},
                                                         {"DELETE", "/v2/messages/x"},
                                                         {"DELETE", "/v2/dlq"},
                                                         {"POST", "/v2/dlq/retry"},
                                                         {"GET", "/v2/keys"},
                                                         {"GET", "/v2/keys/rotate"},
                                                         {"POST", "/v2/keys/rotate"},
                                                         {"POST", "/v2/queues"},
                                                         {"POST", "/v2/enqueue/q/https://a"},
                                                         {"DELETE", "/v2/messages"},
                                                         {"PATCH", "/v2/topics/g"},
                                                         {"POST", "/v2/topics/g/endpoints"},
                                                         {"POST", "/v2/schedules/https://a"},
                                                         {"PATCH", "/v2/schedules/s/pause"},
                                                         {"POST", "/v2/flowControl/k/pause"}};
  for (const auto& [method, target] : changes) {
    const auto response = send_as(api, test::kReadOnlyToken, method, target);
    EXPECT_EQ(response.status, 403) << target;
    EXPECT_EQ(response.body, R"({"error":"forbidden: read-only token"})");
  }
}

TEST(Api, EveryRouteThatIsNotAReadNeedsAFullToken) {
  for (const RouteRow& row : routes()) {
    if (row.method != "GET") EXPECT_EQ(row.access, Access::kFull) << row.pattern;
    EXPECT_NE(row.handler, nullptr) << row.pattern;
  }
}

TEST(Api, UnknownPathsAre404AndWrongMethods405WithAllow) {
  ApiUnderTest api;
  EXPECT_EQ(api.send("GET", "/v2/nothing").status, 404);
  EXPECT_EQ(api.send("GET", "/v1/publish/https://a").status, 404);
  EXPECT_EQ(api.send_raw(make_request("GET", "/")).status, 404);
  const auto response = api.send("PATCH", "/v2/dlq/1-0");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(*response.headers.find("Allow"), "GET, DELETE");
  EXPECT_EQ(response.body, R"({"error":"method not allowed"})");
}

TEST(Api, PathsMatchInAnyCaseAndWithATrailingSlash) {
  ApiUnderTest api;
  EXPECT_EQ(api.send("GET", "/v2/Keys/").status, 200);
  EXPECT_EQ(api.send("GET", "/V2/DLQ/").status, 200);
}

TEST(Api, HeadIsAnsweredLikeGet) {
  ApiUnderTest api;
  EXPECT_EQ(api.send_raw(make_request("HEAD", "/healthz")).status, 200);
  EXPECT_EQ(send_as(api, test::kReadOnlyToken, "HEAD", "/v2/events").status, 200);
  EXPECT_EQ(send_as(api, test::kReadOnlyToken, "HEAD", "/v2/keys").status, 403);
}

TEST(Api, PreflightsNeedNoTokenAndEchoTheHeadersAskedFor) {
  ApiUnderTest api;
  const auto response =
      api.send_raw(make_request("OPTIONS", "/v2/publish/https://a",
                                {{"Origin", "https://console"},
                                 {"Access-Control-Request-Headers", "upstash-x"},
                                 {"Access-Control-Request-Private-Network", "true"}}));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(*response.headers.find("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(*response.headers.find("Access-Control-Allow-Methods"),
            "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(*response.headers.find("Access-Control-Allow-Headers"), "upstash-x");
  EXPECT_EQ(*response.headers.find("Access-Control-Allow-Private-Network"), "true");
  EXPECT_EQ(*response.headers.find("Access-Control-Max-Age"), "86400");
}

TEST(Api, EveryAnswerMayBeReadByAnyOrigin) {
  ApiUnderTest api;
  for (const http::ServerResponse& response :
       {api.send("GET", "/v2/keys"), api.send("GET", "/v2/nothing"),
        api.send_raw(make_request("GET", "/v2/keys")),
        api.send_raw(make_request("GET", "/healthz"))}) {
    EXPECT_EQ(*response.headers.find("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(response.headers.contains("Access-Control-Expose-Headers"));
  }
  const auto browser = api.send("GET", "/v2/keys", {{"Origin", "https://console"}});
  EXPECT_NE(browser.headers.find("Access-Control-Expose-Headers")->find("RateLimit-Limit"),
            std::string::npos);
}

TEST(Api, NothingIsServedBeforeTheEngineIsReady) {
  ApiUnderTest api;
  api.ready = false;
  const auto response = api.send("GET", "/v2/keys");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(*response.headers.find("Retry-After"), "1");
}

TEST(Api, BodiesAreReadUpToTheLimitOfTheirRoute) {
  Options options;
  options.batch_bytes_max = 3u << 20;
  ApiUnderTest api(options);
  const auto status = [&](const char* target, std::size_t announced) {
    return api.send("POST", target, {{"Content-Length", std::to_string(announced)}}).status;
  };
  EXPECT_EQ(status("/v2/queues", kSmallBodyBytesMax), 400);
  EXPECT_EQ(status("/v2/queues", kSmallBodyBytesMax + 1), 413);
  EXPECT_EQ(status("/v2/batch", 3u << 20), 400);
  EXPECT_EQ(status("/v2/batch", (3u << 20) + 1), 413);
  EXPECT_EQ(status("/v2/publish/ftp://x", limits::kBodyBytesMaxDefault), 400);
  EXPECT_EQ(status("/v2/publish/ftp://x", limits::kBodyBytesMaxDefault + 1), 413);
}

TEST(Api, ANewCatalogueCountsAtOnce) {
  ApiUnderTest api;
  api.tenant.suspended = true;
  api.publish_catalog();
  EXPECT_EQ(api.send("GET", "/v2/keys").status, 403);
}

TEST(Api, ErrorsOfTheEngineKeepTheirCode) {
  ApiUnderTest api;
  const std::pair<ErrorCode, int> errors[] = {
      {ErrorCode::kDiskFull, 503}, {ErrorCode::kAmbiguousCommit, 503}, {ErrorCode::kInternal, 500}};
  for (const auto& [code, status] : errors) {
    api.engine = [code](const engine::Command&) { return Error{code, "said so"}; };
    const auto response = api.send("POST", "/v2/publish/https://a.com");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, R"({"error":"said so"})");
    EXPECT_EQ(*response.headers.find("Ferry-Error-Code"), error_info(code).slug);
    EXPECT_EQ(response.headers.contains("Retry-After"), status == 503);
  }
}

TEST(Api, OptionsAreCheckedBeforeAnApiIsMade) {
  EXPECT_TRUE(check_options({}));
  Options bad_proxy;
  bad_proxy.trusted_proxies = {"10.0.0.0/99"};
  EXPECT_FALSE(check_options(bad_proxy));
  Options bad_network;
  bad_network.allowed_cidrs = {"nonsense"};
  EXPECT_FALSE(check_options(bad_network));
}

}  // namespace
}  // namespace ferry::api
