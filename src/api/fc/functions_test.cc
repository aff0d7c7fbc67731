// Functions and their triggers.

#include "api/fc/functions.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kFunctions = std::string(k3) + "/functions";

std::string refusal(FunctionsUnderTest& api, const std::string& body) {
  const auto response = api.call("POST", kFunctions, body);
  EXPECT_EQ(response.status, 400) << body;
  EXPECT_EQ(fault(response), "InvalidArgument");
  return member(response, "Message");
}

// A body of a function that is complete but for these members.
std::string with(const std::string& members) {
  return R"({"functionName":"f","customRuntimeConfig":{"port":9000},)" + members + "}";
}

TEST(Functions, AreCreatedAndShownWithAllThatWasGiven) {
  FunctionsUnderTest api;
  api.create("f", R"(,"runtime":"custom.debian10","handler":"h","timeout":5,"memorySize":128,)"
                  R"("cpu":0.35,"tags":[{"key":"a","value":"b"}],"description":null)");
  const auto shown = api.call("GET", kFunctions + "/f");
  EXPECT_EQ(member(shown, "functionName"), "f");
  EXPECT_EQ(member(shown, "functionArn"), "acs:fc:local:first:functions/f");
  EXPECT_EQ(member(shown, "runtime"), "custom.debian10");
  EXPECT_EQ(member(shown, "timeout"), "5");
  EXPECT_EQ(member(shown, "tags"), R"([{"key":"a","value":"b"}])");
  EXPECT_EQ(member(shown, "description"), "");
  EXPECT_EQ(member(shown, "state"), "Active");
  EXPECT_EQ(member(shown, "functionId").size(), 36u);
  const Function& stored = api.stored("f");
  EXPECT_EQ(stored.endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(stored.timeout, std::chrono::seconds(5));
  EXPECT_EQ(stored.memory_mb, 128);
  EXPECT_EQ(stored.handler, "h");
  EXPECT_EQ(stored.created_at, kNow);
}

TEST(Functions, CodeIsNotKept) {
  FunctionsUnderTest api;
  api.create("f", R"(,"code":{"zipFile":"UEsDBA=="})");
  EXPECT_FALSE(api.stored("f").attributes.contains("zipFile"));
}

TEST(Functions, TheEndpointIsOurMemberOrAVariableOrAPort) {
  FunctionsUnderTest api;
  const auto endpoint = [&api](const std::string& members) {
    api.functions.clear();
    const auto made = api.call("POST", kFunctions, R"({"functionName":"f",)" + members + "}");
    EXPECT_EQ(made.status, 200) << made.body;
    return api.stored("f").endpoint;
  };
  const std::string variable = R"("environmentVariables":{"FC_ENDPOINT_URL":"http://two.test/"})";
  EXPECT_EQ(endpoint(R"("x-endpoint-url":"https://one.test/base/",)" + variable),
            "https://one.test/base");
  EXPECT_EQ(endpoint(variable + R"(,"customRuntimeConfig":{"port":1})"), "http://two.test");
  EXPECT_EQ(endpoint(R"("customRuntimeConfig":{"port":1})"), "http://127.0.0.1:1");
  EXPECT_EQ(endpoint(R"("customContainerConfig":{"port":2})"), "http://127.0.0.1:2");
  EXPECT_EQ(endpoint(R"("caPort":65535)"), "http://127.0.0.1:65535");
}

TEST(Functions, AnEndpointMustBeToldAndMayBeCalled) {
  FunctionsUnderTest open;
  EXPECT_TRUE(refusal(open, R"({"functionName":"f"})").starts_with("the endpoint"));
  EXPECT_TRUE(refusal(open, R"({"functionName":"f","x-endpoint-url":"ftp://x"})")
                  .contains("invalid scheme"));
  EXPECT_TRUE(refusal(open, R"({"functionName":"f","x-endpoint-url":"http://x.test/?a"})")
                  .contains("no query"));
  FunctionsUnderTest guarded({.allow_loopback_targets = false});
  EXPECT_TRUE(refusal(guarded, R"({"functionName":"f","caPort":80})").contains("loopback"));
}

TEST(Functions, ValuesOutOfTheirRangeAreRefused) {
  FunctionsUnderTest api;
  for (const std::string members :
       {R"("timeout":0)", R"("timeout":86401)", R"("timeout":1.5)", R"("timeout":"5")",
        R"("memorySize":63)", R"("memorySize":32769)", R"("instanceConcurrency":0)",
        R"("instanceConcurrency":201)", R"("reservedConcurrency":-1)", R"("handler":7)",
        R"("recursionConfig":"Maybe")", R"("environmentVariables":{"A":1})",
        R"("environmentVariables":[])", R"("initializationTimeout":0)"}) {
    refusal(api, with(members));
  }
  for (const std::string members : {R"("timeout":1)", R"("timeout":86400)"}) {
    api.functions.clear();
    EXPECT_EQ(api.call("POST", kFunctions, with(members)).status, 200) << members;
  }
}

TEST(Functions, BodiesThatAreNoObjectsAndNamesThatAreNoneAreRefused) {
  FunctionsUnderTest api;
  for (const std::string body :
       {"[]", "{", "7", R"({"functionName":7})", "{}", R"({"functionName":"1f"})",
        R"({"functionName":"a$b"})", R"({"functionName":""})"}) {
    refusal(api, body);
  }
  refusal(api, R"({"functionName":")" + std::string(129, 'f') + R"(","caPort":1})");
  api.create(std::string(128, 'f'));
}

TEST(Functions, FieldsBeyondTheirRoomAreRefused) {
  FunctionsUnderTest api;
  refusal(api, with(R"("description2":")" + std::string(64u << 10, 'x') + R"(")"));
}

TEST(Functions, ASecondOneOfANameIsRefused) {
  FunctionsUnderTest api;
  api.create("f");
  const auto again = api.call("POST", kFunctions, with(R"("timeout":1)"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(fault(again), "FunctionAlreadyExists");
}

TEST(Functions, AnUpdateKeepsWhatItDoesNotName) {
  FunctionsUnderTest api;
  api.create("f", R"(,"timeout":5,"description":"old","role":"r")");
  api.now += std::chrono::seconds(90);
  const auto changed = api.call("PUT", kFunctions + "/f", R"({"description":"new","timeout":6})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(member(changed, "description"), "new");
  EXPECT_EQ(member(changed, "role"), "r");
  EXPECT_EQ(member(changed, "timeout"), "6");
  EXPECT_NE(member(changed, "lastModifiedTime"), member(changed, "createdTime"));
  EXPECT_EQ(fault(api.call("PUT", kFunctions + "/f", R"({"timeout":0})")), "InvalidArgument");
  EXPECT_EQ(api.stored("f").timeout, std::chrono::seconds(6));
}

TEST(Functions, ANullTakesAFieldAway) {
  FunctionsUnderTest api;
  api.create("f", R"(,"timeout":5,"role":"r","logConfig":{"project":"p","logstore":"l"})");
  const auto changed =
      api.call("PUT", kFunctions + "/f", R"({"timeout":null,"role":null,"logConfig":null})");
  EXPECT_EQ(member(changed, "timeout"), "60");
  EXPECT_EQ(member(changed, "role"), "");
  EXPECT_EQ(api.stored("f").log_project, "");
}

TEST(Functions, AChangeThatComesSecondIsMadeAgain) {
  FunctionsUnderTest api;
  api.create("f");
  api.conflicts = true;
  EXPECT_EQ(api.call("PUT", kFunctions + "/f", R"({"timeout":6})").status, 200);
  EXPECT_EQ(api.stored("f").timeout, std::chrono::seconds(6));
}

TEST(Functions, WhatIsNotThereIsNotFound) {
  FunctionsUnderTest api;
  for (const std::string_view method : {"GET", "PUT", "DELETE"}) {
    const auto response = api.call(method, kFunctions + "/nobody");
    EXPECT_EQ(response.status, 404) << method;
    EXPECT_EQ(fault(response), "FunctionNotFound") << method;
  }
}

TEST(Functions, ADeletionAnswersWithoutBodyAndType) {
  FunctionsUnderTest api;
  api.create("f");
  const auto deleted = api.call("DELETE", kFunctions + "/f");
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(header(deleted, "Content-Type"), "");
  EXPECT_TRUE(api.functions.empty());
}

TEST(Functions, AreListedInPagesByName) {
  FunctionsUnderTest api;
  for (const std::string name : {"b1", "a1", "a3", "a2"}) api.create(name);
  const auto first = api.call("GET", kFunctions + "?prefix=a&limit=2");
  EXPECT_EQ(occurrences(first.body, "\"functionId\""), 2u);
  EXPECT_EQ(member(first, "nextToken"), "a2");
  const auto second = api.call("GET", kFunctions + "?prefix=a&limit=2&nextToken=a2");
  EXPECT_TRUE(second.body.contains(R"("functionName":"a3")"));
  EXPECT_EQ(occurrences(second.body, "\"functionId\""), 1u);
  EXPECT_EQ(member(second, "nextToken"), "");
  for (const std::string limit : {"0", "101", "x", "-1"}) {
    EXPECT_EQ(fault(api.call("GET", kFunctions + "?limit=" + limit)), "InvalidArgument") << limit;
  }
  EXPECT_EQ(api.call("GET", kFunctions + "?limit=100").status, 200);
}

TEST(Functions, OneOfAServiceIsKnownByBothNames) {
  FunctionsUnderTest api;
  api.create_in("s", "f");
  EXPECT_EQ(member(api.call("GET", kFunctions + "/s$f"), "serviceName"), "s");
  EXPECT_EQ(member(api.call("GET", std::string(k2016) + "/services/s/functions/f"), "functionName"),
            "f");
  EXPECT_FALSE(api.call("GET", kFunctions).body.contains("functionId"));
}

TEST(Functions, AreDisabledAndEnabled) {
  FunctionsUnderTest api;
  api.create("f");
  EXPECT_EQ(api.call("POST", kFunctions + "/f/invoke/disable", "{}").status, 200);
  EXPECT_TRUE(api.stored("f").disabled);
  EXPECT_EQ(api.call("POST", kFunctions + "/f/invoke/enable").status, 200);
  EXPECT_FALSE(api.stored("f").disabled);
}

TEST(Functions, HaveAConcurrencyOfTheirOwn) {
  FunctionsUnderTest api;
  api.create("f", R"(,"concurrency":5)");
  EXPECT_EQ(api.stored("f").concurrency_max, 5);
  const std::string path = kFunctions + "/f/concurrency";
  EXPECT_EQ(member(api.call("PUT", path, R"({"reservedConcurrency":3})"), "reservedConcurrency"),
            "3");
  EXPECT_EQ(api.stored("f").concurrency_max, 3);
  EXPECT_EQ(member(api.call("GET", path), "reservedConcurrency"), "3");
  EXPECT_EQ(fault(api.call("PUT", path, "{}")), "InvalidArgument");
  EXPECT_EQ(api.call("DELETE", path).status, 204);
  EXPECT_EQ(api.stored("f").concurrency_max, 0);
}

TEST(Functions, TakeTheLogStoreAndTheInitializerOfTheirGeneration) {
  FunctionsUnderTest api;
  api.create("f", R"(,"logConfig":{"project":"p","logstore":"l"},"recursionConfig":"Allow",)"
                  R"("instanceLifecycleConfig":{"initializer":{"handler":"init","timeout":9}})");
  EXPECT_EQ(api.stored("f").log_project, "p");
  EXPECT_EQ(api.stored("f").log_store, "l");
  EXPECT_EQ(api.stored("f").initializer, "init");
  EXPECT_EQ(api.stored("f").initialization_timeout, std::chrono::seconds(9));
  EXPECT_TRUE(api.stored("f").recursion_allowed);
  const std::string services = std::string(k2021) + "/services";
  api.call("POST", services, R"({"serviceName":"s","logConfig":{"project":"sp","logstore":"sl"}})");
  api.call("POST", services + "/s/functions",
           R"({"functionName":"g","caPort":1,"initializer":"i","initializationTimeout":3})");
  EXPECT_EQ(api.stored("s$g").log_project, "sp");
  EXPECT_EQ(api.stored("s$g").initializer, "i");
}

TEST(Triggers, OfHttpMakeAnHttpFunction) {
  FunctionsUnderTest api;
  api.create("f");
  const std::string path = kFunctions + "/f/triggers";
  const std::string body = R"({"triggerName":"t","triggerType":"http","triggerConfig":"{}"})";
  EXPECT_EQ(member(api.call("POST", path, body), "triggerConfig"), "{}");
  EXPECT_TRUE(has_http_trigger(api.stored("f")));
  EXPECT_EQ(fault(api.call("POST", path, body)), "TriggerAlreadyExists");
  EXPECT_EQ(member(api.call("GET", path + "/t"), "triggerType"), "http");
  EXPECT_EQ(occurrences(api.call("GET", path).body, "triggerName"), 1u);
  EXPECT_EQ(api.call("DELETE", path + "/t").status, 204);
  EXPECT_EQ(fault(api.call("GET", path + "/t")), "TriggerNotFound");
  EXPECT_EQ(fault(api.call("DELETE", path + "/t")), "TriggerNotFound");
}

TEST(Triggers, AreChangedByWhatIsGiven) {
  FunctionsUnderTest api;
  api.create("f");
  api.create_in("s", "g");
  for (const std::string& path :
       {kFunctions + "/f/triggers", std::string(k2016) + "/services/s/functions/g/triggers"}) {
    api.call("POST", path,
             R"({"triggerName":"t","triggerType":"http","triggerConfig":"{}","description":"d"})");
    const auto changed = api.call("PUT", path + "/t", R"({"triggerConfig":"{\"a\":1}"})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(member(changed, "triggerConfig"), R"({"a":1})");
    EXPECT_EQ(member(changed, "description"), "d");
    EXPECT_EQ(member(api.call("GET", path + "/t"), "triggerConfig"), R"({"a":1})");
    EXPECT_EQ(member(api.call("GET", path + "/t"), "triggerType"), "http");
    EXPECT_EQ(fault(api.call("PUT", path + "/none", "{}")), "TriggerNotFound");
    for (const std::string_view body :
         {R"({"triggerName":"u"})", R"({"triggerType":"timer"})", "[]"}) {
      EXPECT_EQ(fault(api.call("PUT", path + "/t", body)), "InvalidArgument") << body;
    }
    EXPECT_EQ(api.call("PUT", path + "/t", R"({"triggerName":"t","triggerType":"http"})").status,
              200);
  }
}

TEST(Triggers, OfOtherTypesAreNotOffered) {
  FunctionsUnderTest api;
  api.create("f");
  const auto refused =
      api.call("POST", kFunctions + "/f/triggers", R"({"triggerName":"t","triggerType":"timer"})");
  EXPECT_EQ(fault(refused), "InvalidArgument");
  EXPECT_TRUE(member(refused, "Message").contains("not offered"));
}

TEST(Triggers, AreTenAtMost) {
  FunctionsUnderTest api;
  api.create("f");
  const auto add = [&api](int number) {
    return api.call("POST", kFunctions + "/f/triggers",
                    R"({"triggerType":"http","triggerName":"t)" + std::to_string(number) + R"("})");
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(add(i).status, 200);
  EXPECT_EQ(fault(add(10)), "LimitExceededError");
}

}  // namespace
}  // namespace ferry::api::fc
