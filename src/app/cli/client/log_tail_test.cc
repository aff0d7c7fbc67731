#include "app/cli/client/log_tail.h"

#include <gtest/gtest.h>

#include <csignal>

#include "app/cli/client/client_fixture.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

std::string entry(std::int64_t time, const std::string& id, const std::string& state) {
  return "{\"time\":" + std::to_string(time) + ",\"messageId\":\"" + id + "\",\"state\":\"" +
         state + "\",\"url\":\"https://a\"}";
}

bool is_new(LogTail& tail, const std::string& json) {
  return tail.is_new(JsonDocument::parse(json)->root());
}

TEST(LogTail, AnEntryIsNewOnce) {
  LogTail tail;
  EXPECT_TRUE(is_new(tail, entry(10'000, "m", "CREATED")));
  EXPECT_FALSE(is_new(tail, entry(10'000, "m", "CREATED")));
  EXPECT_TRUE(is_new(tail, entry(10'000, "m", "DELIVERED")));
  EXPECT_TRUE(is_new(tail, entry(10'000, "n", "CREATED")));
  EXPECT_EQ(tail.read_from(), from_unix_ms(5'000));
}

TEST(LogTail, AnEntryThatAppearsLateIsNewToo) {
  LogTail tail;
  EXPECT_TRUE(is_new(tail, entry(10'000, "m", "DELIVERED")));
  tail.forget_old();
  EXPECT_TRUE(is_new(tail, entry(9'000, "m", "ACTIVE")));
  EXPECT_EQ(tail.read_from(), from_unix_ms(5'000));
}

TEST(LogTail, WhatIsForgottenIsNotNewAgain) {
  LogTail tail;
  EXPECT_TRUE(is_new(tail, entry(1'000, "m", "CREATED")));
  EXPECT_TRUE(is_new(tail, entry(10'000, "m", "DELIVERED")));
  tail.forget_old();
  EXPECT_FALSE(is_new(tail, entry(1'000, "m", "CREATED")));
  EXPECT_FALSE(is_new(tail, entry(10'000, "m", "DELIVERED")));
}

TEST(Follow, ShowsTheNewestAndThenWhatComes) {
  const std::string first = entry(1'800'000'000'000, "m1", "CREATED");
  const std::string second = entry(1'800'000'000'500, "m1", "DELIVERED");
  const ClientOutcome outcome =
      run_client({.arguments = {"logs", "--follow", "--limit", "2", "--label", "x"},
                  .answers = {{200, R"({"events":[)" + second + "," + first + R"(],"cursor":"o"})"},
                              {200, R"({"events":[)" + first + "," + second + "," +
                                        entry(1'800'000'001'000, "m2", "CREATED") + "]}"}},
                  .before_answer = [](std::size_t n) {
                    if (n == 1) std::raise(SIGINT);
                  }});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out,
            "TIME                      STATE      MESSAGE  URL        DETAIL\n"
            "2027-01-15T08:00:00.000Z  CREATED    m1       https://a  -\n"
            "2027-01-15T08:00:00.500Z  DELIVERED  m1       https://a  -\n"
            "2027-01-15T08:00:01.000Z  CREATED    m2       https://a  -\n");
  EXPECT_EQ(outcome.requests,
            (std::vector<std::string>{"GET /v2/events?label=x&count=2&trimBody=-1\n",
                                      "GET /v2/events?label=x&count=1000&order=earliestFirst"
                                      "&fromDate=1799999995500&trimBody=-1\n"}));
}

TEST(Follow, InJsonIsAnEntryALineAsItCame) {
  const std::string first = R"({ "time":1,"messageId":"a","url":"x,]}\"" , "n":[1,{"b":2}]})";
  const std::string second = R"({"time":2,"messageId":"b"})";
  const ClientOutcome outcome = run_client(
      {.arguments = {"logs", "--follow", "--json"},
       .answers = {{200, R"({"cursor":"events","events":[ )" + second + " , " + first + " ]}"}},
       .before_answer = [](std::size_t) { std::raise(SIGINT); }});
  EXPECT_EQ(outcome.exit_code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, first + "\n" + second + "\n");
}

TEST(Follow, DoesNotGoTogetherWithPages) {
  EXPECT_EQ(run_client({.arguments = {"logs", "--follow", "--all"}}).exit_code, kNotUnderstood);
}

TEST(RawElements, AreTheTextsOfTheArray) {
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(raw_elements(R"({"a":{"events":[9]},"events":[1, "x]", {"y":[]}],"z":0})", "events"),
            (Texts{"1", R"("x]")", R"({"y":[]})"}));
  EXPECT_EQ(raw_elements(R"({"events":[]})", "events"), Texts{});
  EXPECT_EQ(raw_elements(R"({"events":[ ]})", "events"), Texts{});
  EXPECT_EQ(raw_elements(R"({"logs":[1]})", "events"), Texts{});
}

}  // namespace
}  // namespace ferry::app::cli
