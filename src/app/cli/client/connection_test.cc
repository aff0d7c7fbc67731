// What every client command has alike: where it calls, how it ends.

#include <gtest/gtest.h>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

ClientOutcome list_queues(PreparedAnswer answer, std::vector<std::string> flags = {}) {
  std::vector<std::string> arguments = {"queues", "list"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return run_client({.arguments = std::move(arguments), .answers = {std::move(answer)}});
}

TEST(Connection, CallsWithTheTokenAndNoSlashTwice) {
  const ClientOutcome outcome = list_queues({.body = "[]"});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.authorization, "Bearer T");
  EXPECT_EQ(outcome.requests, std::vector<std::string>{"GET /v2/queues\n"});
}

TEST(Connection, ARefusalIsToldInTheServersWords) {
  const ClientOutcome outcome = list_queues({400, R"({"error":"no such luck"})"});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_EQ(outcome.err, "ferry: no such luck\n");
  EXPECT_EQ(outcome.out, "");
}

TEST(Connection, ARefusalThatIsNoJsonIsToldWithItsStatus) {
  EXPECT_EQ(list_queues({502, "Bad Gateway"}).err, "ferry: the server answered 502: Bad Gateway\n");
  EXPECT_EQ(list_queues({500, ""}).err, "ferry: the server answered 500\n");
}

TEST(Connection, WhatTheServerDoesNotKnowHasAnExitCodeOfItsOwn) {
  const ClientOutcome outcome = list_queues({404, R"({"error":"queue q not found"})"});
  EXPECT_EQ(outcome.exit_code, kNoSuchThing);
  EXPECT_EQ(outcome.err, "ferry: queue q not found\n");
}

TEST(Connection, AServerThatIsNotThereHasAnExitCodeOfItsOwn) {
  const ClientOutcome outcome = run_client_without_server({"queues", "list"});
  EXPECT_EQ(outcome.exit_code, kUnreachable);
  EXPECT_TRUE(outcome.err.starts_with("ferry: cannot reach http://127.0.0.1:")) << outcome.err;
}

TEST(Connection, SomethingElseThatAnswersIsNotTheServer) {
  EXPECT_EQ(list_queues({200, "<html>"}).exit_code, kUnreachable);
}

TEST(Connection, JsonIsPrintedAsTheServerGaveIt) {
  const std::string body = R"([ {"name":"q",  "unknown":1.5} ])";
  EXPECT_EQ(list_queues({200, body}, {"--json"}).out, body + "\n");
}

TEST(Connection, WithoutTokenNothingIsCalled) {
  const ClientOutcome outcome =
      run_client({.arguments = {"queues", "list", "--token", "", "--json"}});
  EXPECT_EQ(outcome.exit_code, kNotUnderstood);
}

TEST(Connection, ACommandThatDoesNotExistIsNotUnderstood) {
  EXPECT_EQ(run_client({.arguments = {"queues", "dance"}}).exit_code, kNotUnderstood);
  EXPECT_EQ(run_client({.arguments = {"queues"}}).exit_code, kNotUnderstood);
}

}  // namespace
}  // namespace ferry::app::cli
