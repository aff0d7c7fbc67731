#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::make_request;

http::ServerResponse get(ApiUnderTest& api, std::string_view target, HeaderList headers = {}) {
  return api.send_raw(make_request("GET", target, std::move(headers)));
}

TEST(Ops, HealthAndVersionNeedNoToken) {
  ApiUnderTest api;
  api.ready = false;
  EXPECT_EQ(get(api, "/healthz").status, 200);
  EXPECT_EQ(get(api, "/version").status, 200);
  EXPECT_TRUE(get(api, "/version").body.starts_with(R"({"version":")"));
}

TEST(Ops, ReadinessFollowsTheEngine) {
  ApiUnderTest api;
  EXPECT_EQ(get(api, "/readyz").status, 200);
  api.ready = false;
  const auto response = get(api, "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(*response.headers.find("Retry-After"), "1");
}

TEST(Ops, MetricsAreNotServedWithoutATokenOfTheirOwn) {
  ApiUnderTest api;
  EXPECT_EQ(get(api, "/metrics").status, 404);
}

TEST(Ops, MetricsAskForTheirToken) {
  Options options;
  options.metrics_token = "scrape";
  ApiUnderTest api(options);
  EXPECT_EQ(get(api, "/metrics").status, 401);
  EXPECT_EQ(get(api, "/metrics", {{"Authorization", "Bearer scrap"}}).status, 401);
  const auto response = get(api, "/metrics", {{"Authorization", "Bearer scrape"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.headers.find("Content-Type")->starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(response.body.find("# TYPE"), std::string::npos);
}

}  // namespace
}  // namespace ferry::api
