#include <gtest/gtest.h>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

const PreparedAnswer kAccepted{200, R"({"messageId":"msg_1","url":"https://a.example"})"};

std::string request_of(std::vector<std::string> arguments, std::string input = {}) {
  const ClientOutcome outcome = run_client(
      {.arguments = std::move(arguments), .answers = {kAccepted}, .input = std::move(input)});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  return outcome.requests.empty() ? "" : outcome.requests.front();
}

ClientOutcome refused(std::vector<std::string> arguments) {
  ClientOutcome outcome = run_client({.arguments = std::move(arguments), .answers = {kAccepted}});
  EXPECT_EQ(outcome.exit_code, kNotUnderstood);
  EXPECT_TRUE(outcome.requests.empty());
  return outcome;
}

TEST(PublishCommand, PutsTheDestinationAsItIs) {
  EXPECT_EQ(request_of({"publish", "https://a.example/b%20c//d?x=1&y=%2F"}),
            "POST /v2/publish/https://a.example/b%20c//d?x=1&y=%2F\n");
  EXPECT_EQ(request_of({"publish", "my-group"}), "POST /v2/publish/my-group\n");
}

TEST(PublishCommand, PrintsTheIdAlone) {
  const ClientOutcome outcome =
      run_client({.arguments = {"publish", "https://a.example"}, .answers = {kAccepted}});
  EXPECT_EQ(outcome.out, "msg_1\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(PublishCommand, PrintsALineForEveryEndpointOfAGroup) {
  const ClientOutcome outcome = run_client(
      {.arguments = {"publish", "g"},
       .answers = {{200, R"([{"messageId":"msg_1"},{"messageId":"msg_2","deduplicated":true}])"}}});
  EXPECT_EQ(outcome.out, "msg_1\nmsg_2\n");
  EXPECT_EQ(outcome.err, "ferry: msg_2 is there already; nothing new was sent\n");
}

TEST(PublishCommand, EveryFlagIsAHeader) {
  EXPECT_EQ(request_of({"publish",
                        "--method",
                        "PUT",
                        "--delay",
                        "10s",
                        "--retries",
                        "0",
                        "--retry-delay",
                        "1000 * retried",
                        "--timeout",
                        "30s",
                        "--callback",
                        "https://c.example",
                        "--failure-callback",
                        "https://f.example",
                        "--ordering-key",
                        "order 7",
                        "--flow-key",
                        "k",
                        "--flow",
                        "rate=10,period=1s",
                        "--dedup-id",
                        "d",
                        "--redact",
                        "body",
                        "--content-type",
                        "text/plain",
                        "--dedup-content",
                        "https://a.example"}),
            "POST /v2/publish/https://a.example\n"
            "Upstash-Method: PUT\n"
            "Content-Type: text/plain\n"
            "Upstash-Delay: 10s\n"
            "Upstash-Retries: 0\n"
            "Upstash-Retry-Delay: 1000 * retried\n"
            "Upstash-Timeout: 30s\n"
            "Upstash-Callback: https://c.example\n"
            "Upstash-Failure-Callback: https://f.example\n"
            "Upstash-Ordering-Key: order 7\n"
            "Upstash-Flow-Control-Key: k\n"
            "Upstash-Flow-Control-Value: rate=10,period=1s\n"
            "Upstash-Deduplication-Id: d\n"
            "Upstash-Redact-Fields: body\n"
            "Upstash-Content-Based-Deduplication: true\n");
}

TEST(PublishCommand, RepeatedFlagsDoNotSwallowTheDestination) {
  EXPECT_EQ(request_of({"publish", "--header", "X-A: 1", "--header", "X-B:2", "--label", "one",
                        "--label", "two", "--option", "Callback-Retries=3", "https://a.example"}),
            "POST /v2/publish/https://a.example\n"
            "Upstash-Label: one,two\n"
            "Upstash-Forward-X-A: 1\n"
            "Upstash-Forward-X-B: 2\n"
            "Upstash-Callback-Retries: 3\n");
}

TEST(PublishCommand, NotBeforeIsInSeconds) {
  EXPECT_EQ(request_of({"publish", "g", "--not-before", "2027-01-15T08:00:01Z"}),
            "POST /v2/publish/g\nUpstash-Not-Before: 1800000001\n");
  refused({"publish", "g", "--not-before", "soon"});
}

TEST(PublishCommand, TheBodyIsTextOrStandardInputOrAFile) {
  EXPECT_EQ(request_of({"publish", "g", "--body", R"({"a":[1]})"}),
            "POST /v2/publish/g\n\n{\"a\":[1]}");
  EXPECT_EQ(request_of({"publish", "g", "--body", "[1,2]"}), "POST /v2/publish/g\n\n[1,2]");
  EXPECT_EQ(request_of({"publish", "g", "--body", "-"}, "from\nstdin\n"),
            "POST /v2/publish/g\n\nfrom\nstdin\n");
  std::FILE* file = std::tmpfile();
  std::fputs("of a file", file);
  std::fflush(file);
  EXPECT_EQ(request_of({"publish", "g", "--body", "@/dev/fd/" + std::to_string(::fileno(file))}),
            "POST /v2/publish/g\n\nof a file");
  std::fclose(file);
  EXPECT_NE(refused({"publish", "g", "--body", "@no/such/file"}).err.find("cannot read"),
            std::string::npos);
}

TEST(PublishCommand, AHeaderThatIsNoneIsNotUnderstood) {
  refused({"publish", "g", "--header", "no colon"});
  refused({"publish", "g", "--header", "bad name: 1"});
  refused({"publish", "g", "--header", "X: a\r\nY: b"});
  refused({"publish", "g", "--option", "Retries"});
  refused({"publish", "g", "--delay", "1\n2"});
  refused({"publish", "g", "--label", "1\n2"});
  refused({"publish", ""});
  refused({"publish"});
}

TEST(EnqueueCommand, PutsTheQueueInThePath) {
  EXPECT_EQ(request_of({"enqueue", "q", "https://a.example/?b=c"}),
            "POST /v2/enqueue/q/https://a.example/?b=c\n");
  EXPECT_EQ(request_of({"publish", "--queue", "q/1", "https://a.example"}),
            "POST /v2/enqueue/q%2F1/https://a.example\n");
}

TEST(PublishCommand, WithACronOptionPrintsTheSchedule) {
  const ClientOutcome outcome =
      run_client({.arguments = {"publish", "g", "--option", "Cron=* * * * *"},
                  .answers = {{200, R"({"scheduleId":"scd_1"})"}}});
  EXPECT_EQ(outcome.out, "scd_1\n");
}

}  // namespace
}  // namespace ferry::app::cli
