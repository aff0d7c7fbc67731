// Services, and the versions and aliases of both generations.

#include "api/fc/services.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kServices = std::string(k2016) + "/services";

TEST(Services, AreCreatedShownChangedAndListed) {
  FunctionsUnderTest api;
  const auto made = api.call("POST", kServices, R"({"serviceName":"s","description":"d"})");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(member(made, "serviceId").size(), 36u);
  EXPECT_EQ(member(api.call("PUT", kServices + "/s", R"({"role":"r"})"), "description"), "d");
  EXPECT_EQ(member(api.call("GET", kServices + "/s"), "role"), "r");
  EXPECT_EQ(occurrences(api.call("GET", kServices + "?limit=1").body, "serviceName"), 1u);
  EXPECT_EQ(fault(api.call("POST", kServices, R"({"serviceName":"s"})")), "ServiceAlreadyExists");
  EXPECT_EQ(fault(api.call("POST", kServices, "{}")), "InvalidArgument");
}

TEST(Services, AreNotDeletedWhileTheyHaveFunctions) {
  FunctionsUnderTest api;
  api.create_in("s", "f");
  const auto refused = api.call("DELETE", kServices + "/s");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(fault(refused), "ServiceNotEmpty");
  EXPECT_EQ(api.call("DELETE", kServices + "/s/functions/f").status, 204);
  EXPECT_EQ(api.call("DELETE", kServices + "/s").status, 204);
  EXPECT_EQ(fault(api.call("DELETE", kServices + "/s")), "ServiceNotFound");
}

TEST(Services, OneThatIsMissingIsToldFromItsFunction) {
  FunctionsUnderTest api;
  EXPECT_EQ(fault(api.call("GET", kServices + "/s/functions/f")), "ServiceNotFound");
  EXPECT_EQ(
      fault(api.call("POST", kServices + "/s/functions", R"({"functionName":"f","caPort":1})")),
      "ServiceNotFound");
  EXPECT_EQ(fault(api.call("GET", kServices + "/s/functions")), "ServiceNotFound");
  api.create_in("s", "f");
  EXPECT_EQ(fault(api.call("GET", kServices + "/s/functions/g")), "FunctionNotFound");
}

// Both generations have the same calls, on other paths.
class Versions : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    api_.create("f");
    api_.create_in("s", "f");
  }
  std::string fault_of(std::string_view method, const std::string& path,
                       std::string_view body = {}) {
    return fault(api_.call(method, GetParam() + path, body));
  }
  http::ServerResponse ok(std::string_view method, const std::string& path,
                          std::string_view body = {}) {
    auto response = api_.call(method, GetParam() + path, body);
    EXPECT_LT(response.status, 300) << method << " " << path << ": " << response.body;
    return response;
  }

  FunctionsUnderTest api_;
};

INSTANTIATE_TEST_SUITE_P(OfBothGenerations, Versions,
                         testing::Values(std::string(k3) + "/functions/f",
                                         std::string(k2021) + "/services/s",
                                         std::string(k2016) + "/services/s"));

TEST_P(Versions, HaveAscendingNumbersThatAreNeverUsedAgain) {
  EXPECT_EQ(member(ok("POST", "/versions", R"({"description":"one"})"), "versionId"), "1");
  EXPECT_EQ(member(ok("POST", "/versions"), "versionId"), "2");
  ok("DELETE", "/versions/2");
  EXPECT_EQ(member(ok("POST", "/versions", "{}"), "versionId"), "3");
  EXPECT_EQ(fault_of("DELETE", "/versions/2"), "VersionNotFound");
}

TEST_P(Versions, AreListedInBothDirectionsInPages) {
  for (int i = 0; i < 3; ++i) ok("POST", "/versions");
  const auto newest = ok("GET", "/versions?limit=2");
  EXPECT_EQ(member(newest, "direction"), "BACKWARD");
  EXPECT_EQ(member(newest, "nextToken"), "2");
  EXPECT_TRUE(ok("GET", "/versions?limit=2&nextToken=2").body.contains(R"("versionId":"1")"));
  const auto oldest = ok("GET", "/versions?direction=FORWARD&limit=2");
  EXPECT_EQ(member(oldest, "nextToken"), "2");
  EXPECT_TRUE(oldest.body.contains(R"("versionId":"1")"));
  EXPECT_EQ(fault_of("GET", "/versions?direction=SIDEWARD"), "InvalidArgument");
  EXPECT_EQ(fault_of("GET", "/versions?nextToken=x"), "InvalidArgument");
}

TEST_P(Versions, AreAHundredAtMost) {
  for (int i = 0; i < 100; ++i) ok("POST", "/versions");
  EXPECT_EQ(fault_of("POST", "/versions"), "LimitExceededError");
}

TEST_P(Versions, AnAliasPointsAtOneThatExists) {
  ok("POST", "/versions");
  const std::string body =
      R"({"aliasName":"prod","versionId":"1","additionalVersionWeight":{"1":0.1}})";
  EXPECT_EQ(member(ok("POST", "/aliases", body), "versionId"), "1");
  EXPECT_EQ(fault_of("POST", "/aliases", body), "AliasAlreadyExists");
  EXPECT_EQ(fault_of("POST", "/aliases", R"({"aliasName":"b","versionId":"9"})"),
            "VersionNotFound");
  EXPECT_EQ(fault_of("POST", "/aliases", R"({"aliasName":"LATEST","versionId":"1"})"),
            "InvalidArgument");
  EXPECT_EQ(fault_of("POST", "/aliases", R"({"versionId":"1"})"), "InvalidArgument");
  EXPECT_EQ(fault_of("DELETE", "/versions/1"), "InvalidArgument");
  EXPECT_NE(member(ok("GET", "/aliases/prod"), "additionalVersionWeight"), "");
}

TEST_P(Versions, AliasesAreChangedListedAndRemoved) {
  ok("POST", "/versions");
  ok("POST", "/versions");
  ok("POST", "/aliases", R"({"aliasName":"b","versionId":"1","description":"d"})");
  ok("POST", "/aliases", R"({"aliasName":"a","versionId":"1"})");
  EXPECT_EQ(member(ok("PUT", "/aliases/b", R"({"versionId":"2"})"), "description"), "d");
  EXPECT_EQ(member(ok("GET", "/aliases/b"), "versionId"), "2");
  EXPECT_EQ(member(ok("GET", "/aliases?limit=1"), "nextToken"), "a");
  EXPECT_EQ(occurrences(ok("GET", "/aliases?prefix=b").body, "aliasName"), 1u);
  ok("DELETE", "/aliases/b");
  for (const std::string_view method : {"GET", "PUT", "DELETE"}) {
    EXPECT_EQ(fault_of(method, "/aliases/b"), "AliasNotFound") << method;
  }
}

TEST(VersionsOfFunctions, TakeTheirConfigurationsWithThem) {
  FunctionsUnderTest api;
  api.create("f");
  const std::string function = std::string(k3) + "/functions/f";
  api.call("POST", function + "/versions");
  for (const std::string qualifier : {"1", "LATEST"}) {
    EXPECT_EQ(
        api.call("PUT", function + "/async-invoke-config?qualifier=" + qualifier, "{}").status,
        200);
  }
  EXPECT_EQ(api.call("DELETE", function + "/versions/1").status, 204);
  ASSERT_EQ(api.stored("f").configs.size(), 1u);
  EXPECT_EQ(api.stored("f").configs[0].qualifier, "LATEST");
}

}  // namespace
}  // namespace ferry::api::fc
