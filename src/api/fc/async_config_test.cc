#include "api/fc/async_config.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"
#include "domain/limits.h"

namespace ferry::api::fc {
namespace {

using namespace test;

std::string config_path(const std::string& function) {
  return std::string(k3) + "/functions/" + function + "/async-invoke-config";
}

std::string with_success(const std::string& destination) {
  return R"({"destinationConfig":{"onSuccess":{"destination":")" + destination + R"("}}})";
}

class AsyncConfigs : public testing::Test {
 protected:
  void SetUp() override {
    api_.create("f");
    api_.create("g");
  }
  http::ServerResponse put(const std::string& body, const std::string& function = "f") {
    return api_.call("PUT", config_path(function), body);
  }

  FunctionsUnderTest api_;
};

TEST_F(AsyncConfigs, AreStoredAndShown) {
  const auto stored =
      put(R"({"asyncTask":true,"maxAsyncRetryAttempts":8,"maxAsyncEventAgeInSeconds":2592000,)"
          R"("destinationConfig":{"onSuccess":{"destination":"acs:fc:::functions/g"},)"
          R"("onFailure":{"destination":"mns://main/queues/q"}}})");
  EXPECT_EQ(stored.status, 200) << stored.body;
  EXPECT_EQ(header(stored, "x-fc-warning"), "");
  const auto shown = api_.call("GET", config_path("f"));
  EXPECT_EQ(member(shown, "asyncTask"), "true");
  EXPECT_EQ(member(shown, "maxAsyncRetryAttempts"), "8");
  EXPECT_EQ(member(shown, "maxAsyncEventAgeInSeconds"), "2592000");
  EXPECT_EQ(member(shown, "destinationConfig.onSuccess.destination"), "acs:fc:::functions/g");
  EXPECT_EQ(member(shown, "destinationConfig.onFailure.destination"), "mns://main/queues/q");
  EXPECT_EQ(member(shown, "functionArn"), "acs:fc:local:first:functions/f");
  const AsyncConfig& config = api_.stored("f").configs.at(0);
  EXPECT_EQ(config.max_retries, 8);
  EXPECT_EQ(config.event_age_max, limits::kEventAgeMax);
  EXPECT_TRUE(config.task_mode);
}

TEST_F(AsyncConfigs, APutReplacesAllOfIt) {
  put(R"({"asyncTask":true,"maxAsyncRetryAttempts":1})");
  api_.now += std::chrono::minutes(1);
  const auto second = put("{}");
  EXPECT_EQ(member(second, "asyncTask"), "false");
  EXPECT_EQ(member(second, "maxAsyncRetryAttempts"), "null");
  EXPECT_EQ(member(second, "maxAsyncEventAgeInSeconds"), "null");
  EXPECT_EQ(api_.stored("f").configs.at(0).created_at, kNow);
  EXPECT_EQ(api_.stored("f").configs.at(0).modified_at, api_.now);
}

TEST_F(AsyncConfigs, NumbersAreWithinTheirRanges) {
  for (const std::string body :
       {R"({"maxAsyncRetryAttempts":-1})", R"({"maxAsyncRetryAttempts":9})",
        R"({"maxAsyncEventAgeInSeconds":0})", R"({"maxAsyncEventAgeInSeconds":2592001})",
        R"({"asyncTask":"yes"})", "[]"}) {
    EXPECT_EQ(fault(put(body)), "InvalidArgument") << body;
  }
  EXPECT_EQ(put(R"({"maxAsyncRetryAttempts":0,"maxAsyncEventAgeInSeconds":1})").status, 200);
}

TEST_F(AsyncConfigs, DestinationsThatAreNoneAreRefused) {
  for (const std::string destination :
       {"nothing", "acs:fc:::functions/nobody", "acs:fc:::services/s/functions/f",
        "acs:fc:::functions/g/nobody", "ftp://x"}) {
    const auto refused = put(with_success(destination));
    EXPECT_EQ(refused.status, 400) << destination;
    EXPECT_EQ(fault(refused), "InvalidArgument") << destination;
  }
  EXPECT_TRUE(api_.stored("f").configs.empty());
}

TEST_F(AsyncConfigs, AnHttpFunctionIsNoDestination) {
  api_.call("POST", std::string(k3) + "/functions/g/triggers",
            R"({"triggerName":"t","triggerType":"http"})");
  const auto refused = put(with_success("acs:fc:::functions/g"));
  EXPECT_EQ(fault(refused), "InvalidArgument");
  EXPECT_TRUE(member(refused, "Message").contains("HTTP function"));
}

TEST_F(AsyncConfigs, UrlsPassTheAddressGuard) {
  EXPECT_EQ(put(with_success("https://hooks.test/x#ce-binary")).status, 200);
  FunctionsUnderTest guarded({.allow_loopback_targets = false});
  guarded.call("POST", std::string(k3) + "/functions",
               R"({"functionName":"f","x-endpoint-url":"https://f.test"})");
  EXPECT_EQ(fault(guarded.call("PUT", config_path("f"), with_success("http://127.0.0.1/x"))),
            "InvalidArgument");
}

TEST_F(AsyncConfigs, AnEmptyDestinationIsNone) {
  EXPECT_EQ(put(with_success("")).status, 200);
  EXPECT_EQ(api_.stored("f").configs.at(0).on_success, "");
}

TEST_F(AsyncConfigs, BelongToQualifiersThatExist) {
  const std::string path = config_path("f");
  EXPECT_EQ(fault(api_.call("PUT", path + "?qualifier=1", "{}")), "VersionNotFound");
  EXPECT_EQ(fault(api_.call("PUT", path + "?qualifier=prod", "{}")), "AliasNotFound");
  api_.call("POST", std::string(k3) + "/functions/f/versions");
  EXPECT_EQ(member(api_.call("PUT", path + "?qualifier=1", "{}"), "qualifier"), "1");
  EXPECT_EQ(fault(api_.call("GET", path)), "AsyncConfigNotExists");
  EXPECT_EQ(api_.call("GET", path + "?qualifier=1").status, 200);
}

TEST_F(AsyncConfigs, ALoopIsWarnedOf) {
  EXPECT_EQ(header(put(with_success("acs:fc:::functions/g"), "f"), "x-fc-warning"), "");
  const auto closing = put(with_success("acs:fc:::functions/f"), "g");
  EXPECT_EQ(closing.status, 200);
  EXPECT_EQ(header(closing, "x-fc-warning"), "DestinationLoop");
}

TEST(AsyncConfigLoops, AreRefusedWhereTheOperatorWantsThat) {
  FunctionsUnderTest api({.allow_loopback_targets = true, .loop_reject = true});
  api.create("f");
  EXPECT_EQ(fault(api.call("PUT", config_path("f"), with_success("acs:fc:::functions/f"))),
            "InvalidArgument");
  EXPECT_TRUE(api.stored("f").configs.empty());
}

TEST_F(AsyncConfigs, AreDeletedOnce) {
  put("{}");
  EXPECT_EQ(api_.call("DELETE", config_path("f")).status, 204);
  EXPECT_EQ(fault(api_.call("DELETE", config_path("f"))), "AsyncConfigNotExists");
  EXPECT_EQ(fault(api_.call("GET", config_path("nobody"))), "FunctionNotFound");
}

TEST_F(AsyncConfigs, AreListedOfOneFunctionOrOfAll) {
  put("{}", "f");
  put("{}", "g");
  const std::string list = std::string(k3) + "/async-invoke-configs";
  EXPECT_EQ(occurrences(api_.call("GET", list).body, "functionArn"), 2u);
  const auto one = api_.call("GET", list + "?functionName=g");
  EXPECT_EQ(occurrences(one.body, "functionArn"), 1u);
  const auto first = api_.call("GET", list + "?limit=1");
  EXPECT_EQ(member(first, "nextToken"), "f!LATEST");
  EXPECT_TRUE(api_.call("GET", list + "?limit=1&nextToken=f!LATEST").body.contains("functions/g"));
}

TEST_F(AsyncConfigs, OfServicesHaveTheNamesOfTheirGeneration) {
  api_.create_in("s", "h");
  const std::string function = std::string(k2016) + "/services/s.LATEST/functions/h";
  const auto stored =
      api_.call("PUT", function + "/async-invoke-config", R"({"statefulInvocation":true})");
  EXPECT_EQ(member(stored, "service"), "s");
  EXPECT_EQ(member(stored, "function"), "h");
  EXPECT_EQ(member(stored, "statefulInvocation"), "true");
  EXPECT_EQ(occurrences(api_.call("GET", function + "/async-invoke-configs").body, "\"service\""),
            1u);
  const auto tasks = api_.call("GET", std::string(k2021) + "/stateful-async-invocation-functions");
  EXPECT_TRUE(tasks.body.contains(R"("functionName":"h")")) << tasks.body;
}

}  // namespace
}  // namespace ferry::api::fc
