// fn: its requests, and how answers are shown.

#include <gtest/gtest.h>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

ClientOutcome run(std::vector<std::string> arguments, std::string answer = "{}") {
  ClientOutcome outcome =
      run_client({.arguments = std::move(arguments), .answers = {{200, std::move(answer)}}});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.requests.size(), 1u);
  outcome.requests.resize(1);
  return outcome;
}

const std::string kJson = "Content-Type: application/json\n\n";

TEST(FunctionCommands, CreateTellsTheEndpoint) {
  const ClientOutcome outcome =
      run({"fn", "create", "f", "--endpoint", "http://one.test", "--timeout", "5"});
  EXPECT_EQ(outcome.requests[0],
            "POST /2023-03-30/functions\n" + kJson +
                R"({"functionName":"f","x-endpoint-url":"http://one.test","timeout":5})");
  EXPECT_EQ(outcome.out, "function f is registered\n");
}

TEST(FunctionCommands, ListsGoThroughAllPages) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"fn", "list"},
       .answers = {{200, R"({"functions":[{"functionName":"a","endpoint":"http://a.test",)"
                         R"("timeout":60,"disabled":false,"lastModifiedTime":"x"}],)"
                         R"("nextToken":"a"})"},
                   {200, R"({"functions":[]})"}}});
  ASSERT_EQ(outcome.requests.size(), 2u);
  EXPECT_EQ(outcome.requests[1], "GET /2023-03-30/functions?limit=100&nextToken=a\n");
  EXPECT_TRUE(outcome.out.contains("http://a.test")) << outcome.out;
}

TEST(FunctionCommands, ConfigShowsOrReplaces) {
  EXPECT_EQ(run({"fn", "config", "s$f"}).requests[0],
            "GET /2023-03-30/functions/s%24f/async-invoke-config\n");
  const ClientOutcome set =
      run({"fn", "config", "f", "--set", "--on-success", "acs:fc:::functions/g", "--retries", "0",
           "--max-age", "60", "--stateful", "--qualifier", "prod"});
  EXPECT_EQ(set.requests[0],
            "PUT /2023-03-30/functions/f/async-invoke-config?qualifier=prod\n" + kJson +
                R"({"asyncTask":true,"destinationConfig":{"onSuccess":)"
                R"({"destination":"acs:fc:::functions/g"}},"maxAsyncRetryAttempts":0,)"
                R"("maxAsyncEventAgeInSeconds":60})");
}

TEST(FunctionCommands, InvokeHandsTheEventOver) {
  const ClientOutcome later =
      run_client({.arguments = {"fn", "invoke", "f", "--body", "-", "--delay", "5", "--id", "t"},
                  .input = "event"});
  EXPECT_EQ(later.exit_code, kDone) << later.err;
  EXPECT_EQ(later.requests.at(0),
            "POST /2023-03-30/functions/f/invocations\nContent-Type: application/octet-stream\n"
            "x-fc-invocation-type: Async\nx-fc-async-task-id: t\nx-fc-async-delay: 5\n\nevent");
}

TEST(FunctionCommands, InvokeWaitsForTheResultByteForByte) {
  const ClientOutcome outcome = run({"fn", "invoke", "f", "--wait"}, "result without a line break");
  EXPECT_TRUE(outcome.requests[0].contains("x-fc-invocation-type: Sync"));
  EXPECT_EQ(outcome.out, "result without a line break");
}

TEST(FunctionCommands, RefusalsAreToldInTheServersWords) {
  const ClientOutcome outcome =
      run_client({.arguments = {"fn", "get", "f"},
                  .answers = {{404, R"({"Code":"FunctionNotFound","Message":"no such f"})"}}});
  EXPECT_EQ(outcome.exit_code, kNoSuchThing);
  EXPECT_EQ(outcome.err, "ferry: no such f\n");
}

TEST(FunctionCommands, KeptInvocationsAreListedShownAndStopped) {
  const ClientOutcome outcome =
      run({"fn", "tasks", "f", "--status", "Running", "--limit", "5"},
          R"({"tasks":[{"taskId":"t","status":"Running","startedTime":1800000000000,)"
          R"("alreadyRetriedTimes":1,"qualifier":"LATEST"}],"nextToken":""})");
  EXPECT_EQ(outcome.requests[0],
            "GET /2023-03-30/functions/f/async-tasks?limit=5&status=Running\n");
  EXPECT_TRUE(outcome.out.contains("2027-01-15T08:00:00.000Z")) << outcome.out;
  EXPECT_EQ(run({"fn", "tasks", "f", "t"}).requests[0],
            "GET /2023-03-30/functions/f/async-tasks/t\n");
  EXPECT_EQ(run({"fn", "stop", "f", "t"}).requests[0],
            "PUT /2023-03-30/functions/f/async-tasks/t/stop\n");
}

TEST(FunctionCommands, MetricsAreOfMinutesOrHours) {
  const ClientOutcome minutes = run({"fn", "metrics", "FunctionErrors", "f"},
                                    R"({"datapoints":[{"timestamp":1800000000000,"value":3}]})");
  EXPECT_EQ(minutes.requests[0],
            "GET /2023-03-30/metrics?metricName=FunctionErrors&functionName=f\n");
  EXPECT_TRUE(minutes.out.contains("2027-01-15T08:00:00.000Z  3")) << minutes.out;
  EXPECT_TRUE(run({"fn", "metrics", "FunctionErrors", "--hours"})
                  .requests[0]
                  .contains("period=3600&startTime=1799913600000"));
}

}  // namespace
}  // namespace ferry::app::cli
