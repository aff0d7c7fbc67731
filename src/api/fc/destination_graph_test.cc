#include "api/fc/destination_graph.h"

#include <gtest/gtest.h>

namespace ferry::api::fc {
namespace {

FunctionPtr function(std::string name, std::vector<AsyncConfig> configs) {
  Function made;
  made.function = std::move(name);
  made.configs = std::move(configs);
  return std::make_shared<const Function>(std::move(made));
}

AsyncConfig config(std::string on_success, std::string on_failure = {},
                   std::string qualifier = "LATEST") {
  AsyncConfig made;
  made.qualifier = std::move(qualifier);
  made.on_success = std::move(on_success);
  made.on_failure = std::move(on_failure);
  return made;
}

bool is_loop(std::vector<FunctionPtr> functions, std::string_view start = "a") {
  return DestinationGraph(functions, "ferry.test").is_loop(start, "LATEST");
}

TEST(DestinationGraph, FindsCirclesOfEveryLength) {
  EXPECT_TRUE(is_loop({function("a", {config("acs:fc:::functions/a")})}));
  EXPECT_TRUE(is_loop({function("a", {config("acs:fc:::functions/b")}),
                       function("b", {config("acs:fc:::functions/c")}),
                       function("c", {config("", "acs:fc:::functions/a")})}));
}

TEST(DestinationGraph, AChainOrAnotherCircleIsNone) {
  EXPECT_FALSE(is_loop({function("a", {config("acs:fc:::functions/b")}),
                        function("b", {config("acs:fc:::functions/c")})}));
  EXPECT_FALSE(is_loop({function("a", {config("acs:fc:::functions/b")}),
                        function("b", {config("acs:fc:::functions/b")})}));
}

TEST(DestinationGraph, QualifiersAreOfTheirOwn) {
  EXPECT_FALSE(is_loop({function("a", {config("acs:fc:::functions/a/prod")})}));
  EXPECT_TRUE(is_loop({function(
      "a", {config("acs:fc:::functions/a/prod"), config("acs:fc:::functions/a", "", "prod")})}));
}

TEST(DestinationGraph, SeesInvocationsOfItsOwnServer) {
  EXPECT_TRUE(is_loop({function(
      "a", {config("http://ferry.test/2023-03-30/functions/a/invocations?qualifier=LATEST")})}));
  EXPECT_FALSE(
      is_loop({function("a", {config("http://other.test/2023-03-30/functions/a/invocations")})}));
  EXPECT_FALSE(is_loop({function("a", {config("http://ferry.test/v2/publish/a")})}));
  Function grouped;
  grouped.service = "s";
  grouped.function = "a";
  grouped.configs = {
      config("http://ferry.test/2016-08-15/services/s.LATEST/functions/a/invocations")};
  EXPECT_TRUE(is_loop({std::make_shared<const Function>(grouped)}, "s$a"));
}

TEST(DestinationGraph, ANewConfigurationTakesThePlaceOfTheOldOne) {
  DestinationGraph graph({function("a", {config("acs:fc:::functions/a")})}, "");
  EXPECT_TRUE(graph.is_loop("a", "LATEST"));
  graph.put("a", config(""));
  EXPECT_FALSE(graph.is_loop("a", "LATEST"));
}

}  // namespace
}  // namespace ferry::api::fc
