// Lists that come in pages: messages, dead letters, logs.

#include "app/cli/client/paging.h"

#include <gtest/gtest.h>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

using Requests = std::vector<std::string>;

const PreparedAnswer kFirst{200, R"({"messages":[{"dlqId":"1800000000000-0","retried":3,)"
                                 R"("responseStatus":500,"messageId":"m1","url":"https://a",)"
                                 R"("labels":["x","y"]}],"cursor":"c"})"};
const PreparedAnswer kSecond{200, R"({"messages":[{"dlqId":"1700000000000-12","messageId":"m2",)"
                                  R"("url":"https://b","responseStatus":0,"retried":0,)"
                                  R"("error":"timed out"}]})"};

TEST(Paging, AllPagesAreOneTable) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "list", "--all"}, .answers = {kFirst, kSecond}});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.requests, (Requests{"GET /v2/dlq?count=100&trimBody=-1\n",
                                        "GET /v2/dlq?count=100&trimBody=-1&cursor=c\n"}));
  EXPECT_EQ(outcome.out,
            "DLQ ID           DIED                      STATUS  RETRIES  MESSAGE  URL        "
            "QUEUE  LABELS  ERROR\n"
            "1800000000000-0  2027-01-15T08:00:00.000Z  500     3        m1       https://a  "
            "-      x, y    -\n"
            "1700000000000-12  2023-11-14T22:13:20.000Z  0       0        m2       https://b  "
            "-      -       timed out\n");
}

TEST(Paging, EndsAtTheLimitAndSaysWhereToGoOn) {
  const ClientOutcome outcome = run_client({.arguments = {"dlq", "list", "--limit", "1", "--cursor",
                                                          "b", "--earliest-first", "--queue", "q"},
                                            .answers = {kFirst}});
  EXPECT_EQ(outcome.requests,
            Requests{"GET /v2/dlq?count=1&order=earliestFirst&trimBody=-1&queueName=q&cursor=b\n"});
  EXPECT_EQ(outcome.err, "ferry: there is more: --all, or --cursor c\n");
}

TEST(Paging, AsksForTheRestOnly) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "list", "--limit", "2"}, .answers = {kFirst, kSecond}});
  EXPECT_EQ(outcome.requests, (Requests{"GET /v2/dlq?count=2&trimBody=-1\n",
                                        "GET /v2/dlq?count=1&trimBody=-1&cursor=c\n"}));
}

TEST(Paging, InJsonEveryPageIsALineAndWhole) {
  const ClientOutcome outcome =
      run_client({.arguments = {"dlq", "list", "--all", "--json"}, .answers = {kFirst, kSecond}});
  EXPECT_EQ(outcome.requests,
            (Requests{"GET /v2/dlq?count=100\n", "GET /v2/dlq?count=100&cursor=c\n"}));
  EXPECT_EQ(outcome.out, kFirst.body + "\n" + kSecond.body + "\n");
}

TEST(Paging, NothingFoundIsTheHeadingAlone) {
  const ClientOutcome outcome =
      run_client({.arguments = {"messages", "list"}, .answers = {{200, R"({"messages":[]})"}}});
  EXPECT_EQ(outcome.requests, Requests{"GET /v2/messages?count=100&trimBody=-1\n"});
  EXPECT_EQ(outcome.out, "MESSAGE  CREATED  NEXT TRY  RETRIES  METHOD  URL  THROUGH  LABELS\n");
}

TEST(Paging, OneThingIsShownWithAllItsMembers) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"messages", "get", "msg_1"},
       .answers = {{200, R"({"messageId":"msg_1","createdAt":1800000000000,"callerIp":"twin",)"
                         R"("header":{"X-A":["1","2"],"X-B":["3"]},"body":"a\nb\u001b[31m"})"}}});
  EXPECT_EQ(outcome.requests, Requests{"GET /v2/messages/msg_1\n"});
  EXPECT_EQ(outcome.out,
            "messageId  msg_1\n"
            "createdAt  2027-01-15T08:00:00.000Z\n"
            "header     X-A: 1, 2; X-B: 3\n"
            "body       a\\nb\\x1b[31m\n");
}

TEST(Logs, AreFilteredAndShown) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"logs", "--message", "m1", "--message", "m2", "--state", "ERROR", "--limit",
                     "5"},
       .answers = {{200, R"({"events":[{"time":1800000000000,"state":"ERROR","messageId":"m1",)"
                         R"("url":"https://a","responseStatus":500,"error":"status 500"}]})"}}});
  EXPECT_EQ(
      outcome.requests,
      Requests{"GET /v2/events?count=5&trimBody=-1&messageIds=m1&messageIds=m2&state=ERROR\n"});
  EXPECT_EQ(outcome.out,
            "TIME                      STATE  MESSAGE  URL        DETAIL\n"
            "2027-01-15T08:00:00.000Z  ERROR  m1       https://a  status 500\n");
}

TEST(Paging, AnAnswerOfAnotherShapeIsNotTheServer) {
  const ClientOutcome outcome = run_client({.arguments = {"logs"}, .answers = {{200, "[]"}}});
  EXPECT_EQ(outcome.exit_code, kUnreachable);
}

TEST(Harmless, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(harmless("a\x1b]0;t\x07\r\n\t\x7f"), "a\\x1b]0;t\\x07\\r\\n\\t\\x7f");
  EXPECT_EQ(harmless("\xC2\x9b"
                     "31m"),
            "\\x9b31m");
  EXPECT_EQ(harmless("für 10 €"), "für 10 €");
}

}  // namespace
}  // namespace ferry::app::cli
