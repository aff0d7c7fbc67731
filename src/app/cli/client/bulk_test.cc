#include "app/cli/client/bulk.h"

#include <gtest/gtest.h>

#include <csignal>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

using Requests = std::vector<std::string>;

TEST(Cancel, OneIdIsOneCall) {
  const ClientOutcome outcome = run_client({.arguments = {"messages", "cancel", "msg_1"}});
  EXPECT_EQ(outcome.requests, Requests{"DELETE /v2/messages/msg_1\n"});
  EXPECT_EQ(outcome.out, "cancelled msg_1\n");
}

TEST(Cancel, ManyIdsGoInSlicesThatFitATarget) {
  std::vector<std::string> arguments = {"messages", "cancel"};
  for (int i = 0; i < 101; ++i) arguments.push_back("m" + std::to_string(i));
  const ClientOutcome outcome =
      run_client({.arguments = arguments,
                  .answers = {{200, R"({"cancelled":99})"}, {200, R"({"cancelled":1})"}}});
  EXPECT_EQ(outcome.out, "cancelled 100 messages\n");
  ASSERT_EQ(outcome.requests.size(), 2u);
  EXPECT_TRUE(outcome.requests[0].starts_with("DELETE /v2/messages?messageIds=m0&messageIds=m1&"));
  EXPECT_TRUE(outcome.requests[0].ends_with("&messageIds=m99\n"));
  EXPECT_EQ(outcome.requests[1], "DELETE /v2/messages?messageIds=m100\n");
}

TEST(Cancel, ByFiltersGoesOnWhileCallsAreFull) {
  const ClientOutcome outcome =
      run_client({.arguments = {"messages",      "cancel",
                                "--label",       "a b",
                                "--label",       "c",
                                "--queue",       "q",
                                "--destination", "https://a.example/?b=1",
                                "--host",        "h",
                                "--path",        "/p",
                                "--group",       "g",
                                "--schedule",    "s",
                                "--flow-key",    "k",
                                "--caller-ip",   "10.0.0.1",
                                "--from",        "1h",
                                "--until",       "1800000000000"},
                  .answers = {{200, R"({"cancelled":500})"}, {200, R"({"cancelled":499})"}}});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "cancelled 999 messages\n");
  const std::string request =
      "DELETE /v2/messages?url=https%3A%2F%2Fa.example%2F%3Fb%3D1&host=h&path=%2Fp&topicName=g"
      "&queueName=q&scheduleId=s&label=a%20b&label=c&flowControlKey=k&callerIp=10.0.0.1"
      "&fromDate=1799996400000&toDate=1800000000000&count=500\n";
  EXPECT_EQ(outcome.requests, (Requests{request, request}));
}

TEST(Cancel, EndsAtItsLimit) {
  const ClientOutcome outcome =
      run_client({.arguments = {"messages", "cancel", "--queue", "q", "--limit", "501"},
                  .answers = {{200, R"({"cancelled":500})"}, {200, R"({"cancelled":1})"}}});
  EXPECT_EQ(outcome.requests, (Requests{"DELETE /v2/messages?queueName=q&count=500\n",
                                        "DELETE /v2/messages?queueName=q&count=1\n"}));
}

TEST(Bulk, OfAllThereIsNeedsAYes) {
  const PreparedAnswer none{200, R"({"cancelled":0})"};
  const ClientOutcome script = run_client({.arguments = {"messages", "cancel"}, .answers = {none}});
  EXPECT_EQ(script.exit_code, kNotUnderstood);
  EXPECT_TRUE(script.requests.empty());

  const ClientOutcome with_flag =
      run_client({.arguments = {"messages", "cancel", "--yes"}, .answers = {none}});
  EXPECT_EQ(with_flag.requests, Requests{"DELETE /v2/messages?count=500\n"});

  const ClientOutcome agreed = run_client({.arguments = {"messages", "cancel"},
                                           .answers = {none},
                                           .input = "y\n",
                                           .at_terminal = true});
  EXPECT_EQ(agreed.requests.size(), 1u);
  EXPECT_TRUE(agreed.err.starts_with("Cancel every message that is not delivered yet? [y/N] "));

  for (const char* answer : {"n\n", "\n", ""}) {
    const ClientOutcome declined = run_client(
        {.arguments = {"dlq", "delete"}, .answers = {none}, .input = answer, .at_terminal = true});
    EXPECT_EQ(declined.exit_code, kFailed);
    EXPECT_TRUE(declined.requests.empty());
  }
}

TEST(Bulk, IdsAndFiltersTogetherAreNotUnderstood) {
  const ClientOutcome outcome = run_client({.arguments = {"dlq", "retry", "1-0", "--queue", "q"}});
  EXPECT_EQ(outcome.exit_code, kNotUnderstood);
  EXPECT_TRUE(outcome.requests.empty());
}

TEST(Bulk, ATimeThatIsNoneIsNotUnderstood) {
  const ClientOutcome outcome = run_client({.arguments = {"dlq", "retry", "--from", "noon"}});
  EXPECT_EQ(outcome.exit_code, kNotUnderstood);
  EXPECT_TRUE(outcome.requests.empty());
}

TEST(Retry, WalksAllPagesByCursor) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"dlq", "retry", "--status", "503", "--message", "m", "--option", "Retries=0"},
       .answers = {{201, R"({"cursor":"c 1","responses":[{"messageId":"a"},{"messageId":"b"}]})"},
                   {201, R"({"cursor":"","responses":[{"messageId":"c"}]})"}}});
  EXPECT_EQ(outcome.out, "retried 3 dead letters\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.requests,
            (Requests{"POST /v2/dlq/retry?messageId=m&responseStatus=503&count=100\n"
                      "Upstash-Retries: 0\n",
                      "POST /v2/dlq/retry?messageId=m&responseStatus=503&count=100&cursor=c%201\n"
                      "Upstash-Retries: 0\n"}));
}

TEST(Retry, OfOneIdPrintsTheNewMessage) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"dlq", "retry", "17-0"}, .answers = {{201, R"({"messageId":"msg_9"})"}}});
  EXPECT_EQ(outcome.requests, Requests{"POST /v2/dlq/retry/17-0\n"});
  EXPECT_EQ(outcome.out, "msg_9\n");
}

TEST(Delete, OfOneIdThatIsUnknownHasItsExitCode) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "delete", "17-0"},
                  .answers = {{404, R"({"error":"dlq message 17-0 not found"})"}}});
  EXPECT_EQ(outcome.exit_code, kNoSuchThing);
  EXPECT_EQ(outcome.err, "ferry: dlq message 17-0 not found\n");
}

TEST(Bulk, AtATerminalShowsHowFarItIsAndCleansUp) {
  const ClientOutcome outcome = run_client({.arguments = {"dlq", "delete", "1-0", "2-0"},
                                            .answers = {{200, R"({"deleted":2})"}},
                                            .at_terminal = true});
  EXPECT_NE(outcome.err.find("] 2 of 2 deleted"), std::string::npos) << outcome.err;
  EXPECT_TRUE(outcome.err.ends_with("\r\x1b[K"));
  EXPECT_EQ(outcome.out, "deleted 2 dead letters\n");
}

TEST(Bulk, SaysWhatWasDoneBeforeItFailed) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "delete", "--queue", "q"},
                  .answers = {{200, R"({"deleted":100,"cursor":"c"})"},
                              {503, R"({"error":"the server is stopping"})"}}});
  EXPECT_EQ(outcome.exit_code, kFailed);
  EXPECT_EQ(outcome.err, "ferry: deleted 100 dead letters, then: the server is stopping\n");
}

TEST(Bulk, AnInterruptionLetsTheCallEndAndMakesNoOther) {
  const ClientOutcome outcome = run_client({.arguments = {"dlq", "delete", "--queue", "q"},
                                            .answers = {{200, R"({"deleted":100,"cursor":"c"})"}},
                                            .before_answer = [](std::size_t n) {
                                              if (n == 1) std::raise(SIGINT);
                                            }});
  EXPECT_EQ(outcome.exit_code, kInterrupted);
  EXPECT_EQ(outcome.requests.size(), 2u);
  EXPECT_EQ(outcome.err,
            "ferry: interrupted: deleted 200 dead letters; the rest is as it was, the "
            "same command goes on\n");
}

TEST(Bulk, InJsonPrintsEveryAnswer) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "delete", "--queue", "q", "--json"},
                  .answers = {{200, R"({"deleted":1,"cursor":"c"})"}, {200, R"({"deleted":0})"}}});
  EXPECT_EQ(outcome.out, "{\"deleted\":1,\"cursor\":\"c\"}\n{\"deleted\":0}\n");
}

}  // namespace
}  // namespace ferry::app::cli
