// queues, groups, schedules, flow and keys: their requests, and how answers are shown.

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

void expect_call(std::vector<std::string> arguments, const std::string& request,
                 const std::string& out) {
  const ClientOutcome outcome = run(std::move(arguments));
  EXPECT_EQ(outcome.requests.front(), request);
  EXPECT_EQ(outcome.out, out);
}

void expect_not_understood(std::vector<std::string> arguments) {
  const ClientOutcome outcome = run_client({.arguments = std::move(arguments)});
  EXPECT_EQ(outcome.exit_code, kNotUnderstood);
  EXPECT_TRUE(outcome.requests.empty());
}

TEST(Queues, AreListedInATable) {
  const ClientOutcome outcome =
      run({"queues", "list"},
          R"([{"name":"q","createdAt":1,"updatedAt":1800000000000,"parallelism":1,)"
          R"("paused":false,"lag":0},{"name":"orders","createdAt":1,"updatedAt":1800000000001,)"
          R"("parallelism":20,"paused":true,"lag":7}])");
  EXPECT_EQ(outcome.requests.front(), "GET /v2/queues\n");
  EXPECT_EQ(outcome.out,
            "QUEUE   PARALLELISM  PAUSED  LAG  UPDATED\n"
            "q       1            no      0    2027-01-15T08:00:00.000Z\n"
            "orders  20           yes     7    2027-01-15T08:00:00.001Z\n");
}

TEST(Queues, OneIsShownALineForEachMember) {
  const ClientOutcome outcome = run({"queues", "get", "a b"}, R"({"name":"a b","paused":true})");
  EXPECT_EQ(outcome.requests.front(), "GET /v2/queues/a%20b\n");
  EXPECT_EQ(outcome.out, "name    a b\npaused  yes\n");
}

TEST(Queues, ChangesAreTheCallsOfTheApi) {
  const std::string json = "POST /v2/queues\nContent-Type: application/json\n\n";
  expect_call({"queues", "create", "q"}, json + R"({"queueName":"q"})", "queue q is set up\n");
  expect_call({"queues", "create", "q", "--parallelism", "5", "--paused"},
              json + R"({"queueName":"q","parallelism":5,"paused":true})", "queue q is set up\n");
  expect_call({"queues", "create", "q", "--running"}, json + R"({"queueName":"q","paused":false})",
              "queue q is set up\n");
  expect_call({"queues", "pause", "q"}, "POST /v2/queues/q/pause\n", "queue q is paused\n");
  expect_call({"queues", "resume", "q"}, "POST /v2/queues/q/resume\n", "queue q is resumed\n");
  expect_call({"queues", "delete", "q"}, "DELETE /v2/queues/q\n", "queue q is deleted\n");
  expect_not_understood({"queues", "create", "q", "--parallelism", "0"});
  expect_not_understood({"queues", "pause"});
}

TEST(Groups, AreListedWithTheirEndpoints) {
  const ClientOutcome outcome =
      run({"groups", "list"}, R"([{"name":"g","createdAt":1,"updatedAt":1800000000000,"endpoints":)"
                              R"([{"name":"first","url":"https://a"},{"url":"https://b"}]}])");
  EXPECT_EQ(outcome.requests.front(), "GET /v2/topics\n");
  EXPECT_EQ(outcome.out,
            "GROUP  UPDATED                   ENDPOINTS\n"
            "g      2027-01-15T08:00:00.000Z  first=https://a, https://b\n");
}

TEST(Groups, ChangesAreTheCallsOfTheApi) {
  const std::string json = "Content-Type: application/json\n\n";
  expect_call(
      {"groups", "add", "g", "https://a/?b=c", "first one=https://d"},
      "POST /v2/topics/g/endpoints\n" + json +
          R"({"endpoints":[{"url":"https://a/?b=c"},{"name":"first one","url":"https://d"}]})",
      "URL group g has its endpoints\n");
  expect_call({"groups", "remove", "g", "first one", "https://a"},
              "DELETE /v2/topics/g/endpoints\n" + json +
                  R"({"endpoints":[{"name":"first one"},{"url":"https://a"}]})",
              "URL group g has lost them\n");
  expect_call({"groups", "defaults", "g", "--option", "Retries=1"},
              "PATCH /v2/topics/g\n" + json + R"({"headers":{"Upstash-Retries":"1"}})",
              "URL group g has new defaults\n");
  expect_call({"groups", "defaults", "g"}, "PATCH /v2/topics/g\n" + json + R"({"headers":{}})",
              "URL group g has new defaults\n");
  expect_call({"groups", "delete", "g"}, "DELETE /v2/topics/g\n", "URL group g is deleted\n");
  expect_not_understood({"groups", "add", "g"});
}

TEST(Groups, OneIsShownWithItsEndpoints) {
  EXPECT_EQ(
      run({"groups", "get", "g"}, R"({"name":"g","endpoints":[{"name":"n","url":"https://a"}]})")
          .out,
      "name       g\nendpoints  name: n; url: https://a\n");
}

TEST(Schedules, AreMadeOfWhatAPublishIsAndACron) {
  const ClientOutcome outcome =
      run({"schedules", "create", "https://a.example/x?y=1", "--cron", "0 9 * * MON", "--id", "s",
           "--queue", "q", "--body", "hi", "--retries", "1"},
          R"({"scheduleId":"s"})");
  EXPECT_EQ(outcome.requests.front(),
            "POST /v2/schedules/https://a.example/x?y=1\n"
            "Upstash-Retries: 1\n"
            "Upstash-Cron: 0 9 * * MON\n"
            "Upstash-Schedule-Id: s\n"
            "Upstash-Queue-Name: q\n"
            "\nhi");
  EXPECT_EQ(outcome.out, "s\n");
  expect_not_understood({"schedules", "create", "https://a.example"});
}

TEST(Schedules, ChangesAreTheCallsOfTheApi) {
  expect_call({"schedules", "pause", "s"}, "PATCH /v2/schedules/s/pause\n",
              "schedule s is paused\n");
  expect_call({"schedules", "resume", "s"}, "PATCH /v2/schedules/s/resume\n",
              "schedule s is resumed\n");
  expect_call({"schedules", "delete", "s"}, "DELETE /v2/schedules/s\n", "schedule s is deleted\n");
  EXPECT_EQ(run({"schedules", "list"}, "[]").requests.front(), "GET /v2/schedules\n");
  EXPECT_EQ(run({"schedules", "get", "s"}).requests.front(), "GET /v2/schedules/s\n");
}

TEST(Flow, KeysAreListedWithTheirLimits) {
  const ClientOutcome outcome =
      run({"flow", "list", "--search", "k/"},
          R"([{"flowControlKey":"k/1","waitListSize":3,"parallelismMax":5,"parallelismCount":2,)"
          R"("rateMax":10,"rateCount":4,"ratePeriod":60,"ratePeriodStart":1,"isPaused":false,)"
          R"("isPinnedParallelism":false,"isPinnedRate":true},)"
          R"({"flowControlKey":"k/2","waitListSize":0,"parallelismMax":0,"parallelismCount":0,)"
          R"("rateMax":0,"rateCount":0,"ratePeriod":0,"isPaused":true}])");
  EXPECT_EQ(outcome.requests.front(), "GET /v2/flowControl?search=k%2F\n");
  EXPECT_EQ(outcome.out,
            "KEY  WAITING  PARALLELISM  RATE            PINNED  PAUSED\n"
            "k/1  3        2 of 5       4 of 10 in 60s  rate    no\n"
            "k/2  0        0 of any     0 of any        -       yes\n");
}

TEST(Flow, ChangesAreTheCallsOfTheApi) {
  expect_call({"flow", "pause", "a/b c"}, "POST /v2/flowControl/a%2Fb%20c/pause\n",
              "flow-control key a/b c is paused\n");
  expect_call({"flow", "resume", "k"}, "POST /v2/flowControl/k/resume\n",
              "flow-control key k is resumed\n");
  expect_call({"flow", "pin", "k", "--parallelism", "2", "--rate", "10", "--period", "1m"},
              "POST /v2/flowControl/k/pin?parallelism=2&rate=10&period=60\n",
              "flow-control key k is pinned\n");
  expect_call({"flow", "pin", "k", "--rate", "10"}, "POST /v2/flowControl/k/pin?rate=10\n",
              "flow-control key k is pinned\n");
  expect_call({"flow", "unpin", "k", "--rate", "--parallelism"},
              "POST /v2/flowControl/k/unpin?parallelism=true&rate=true\n",
              "flow-control key k is unpinned\n");
  expect_call({"flow", "reset", "k"}, "POST /v2/flowControl/k/resetRate\n",
              "flow-control key k begins a new period\n");
  EXPECT_EQ(run({"flow", "get", "k"}).requests.front(), "GET /v2/flowControl/k\n");
  EXPECT_EQ(run({"flow", "total"}, R"({"parallelismMax":500,"parallelismCount":2})").out,
            "parallelismMax    500\nparallelismCount  2\n");
}

TEST(Flow, APinOfNothingIsNotUnderstood) {
  expect_not_understood({"flow", "pin", "k"});
  expect_not_understood({"flow", "unpin", "k"});
  expect_not_understood({"flow", "pin", "k", "--parallelism", "1", "--period", "1m"});
  expect_not_understood({"flow", "pin", "k", "--rate", "1", "--period", "1500ms"});
  expect_not_understood({"flow", "pin", "k", "--rate", "1", "--period", "soon"});
}

TEST(Keys, AreShownAsVariables) {
  const std::string answer = R"({"current":"sig_1","next":"sig_2"})";
  const std::string lines =
      "QSTASH_CURRENT_SIGNING_KEY=\"sig_1\"\nQSTASH_NEXT_SIGNING_KEY=\"sig_2\"\n";
  const ClientOutcome shown = run({"keys", "show"}, answer);
  EXPECT_EQ(shown.requests.front(), "GET /v2/keys\n");
  EXPECT_EQ(shown.out, lines);
  const ClientOutcome rotated = run({"keys", "rotate"}, answer);
  EXPECT_EQ(rotated.requests.front(), "POST /v2/keys/rotate\n");
  EXPECT_EQ(rotated.out, lines);
}

}  // namespace
}  // namespace ferry::app::cli
