#include "api/qstash/dead_letters.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;
using test::occurrences;

constexpr std::int64_t letter_id(std::int64_t n) { return first_id_at(kNow + Duration(n)) + n; }

std::string wire_letter(std::int64_t n) { return wire_dead_letter_id({letter_id(n)}); }

// Letters 1 to `count`, the even ones labelled "even".
void add_letters(ApiUnderTest& api, std::int64_t count) {
  for (std::int64_t n = 1; n <= count; ++n) {
    test::Row row{.id = 100 + n};
    if (n % 2 == 0) row.labels = {"even"};
    const auto response = std::make_shared<const Response>(
        Response{.status = 404, .headers = {}, .body = Bytes::copy("404 Not Found")});
    test::add_dead_letter(*api.store, row, {letter_id(n)}, response);
  }
}

auto engine_that_deletes(std::int64_t count) {
  return [count](const engine::Command&) -> engine::Answer { return engine::Deleted{count}; };
}

engine::Answer retry_all(const engine::Command& command) {
  engine::Retried retried;
  for (std::size_t i = 0; i < std::get<engine::RetryDeadLetters>(command).letters.size(); ++i) {
    retried.deliveries.push_back({static_cast<std::int64_t>(i) + 1});
  }
  return retried;
}

TEST(DeadLetters, TheListShowsTheLatestFirstAndNoCursorAtItsEnd) {
  ApiUnderTest api;
  add_letters(api, 3);
  const auto response = api.send("GET", "/v2/dlq");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with("{\"messages\":[{\"dlqId\":\"" + wire_letter(3) + "\""));
  EXPECT_EQ(occurrences(response.body, "\"dlqId\""), 3u);
  EXPECT_EQ(occurrences(response.body, "cursor"), 0u);
}

TEST(DeadLetters, PagesAreContinuedByTheirCursor) {
  ApiUnderTest api;
  add_letters(api, 3);
  const auto first = api.send("GET", "/v2/dlq?count=2&order=earliestFirst");
  const std::string key = "\"cursor\":\"";
  const std::size_t at = first.body.find(key);
  ASSERT_NE(at, std::string::npos);
  const std::size_t begin = at + key.size();
  const std::string cursor = first.body.substr(begin, first.body.find('"', begin) - begin);
  const auto second = api.send("GET", "/v2/dlq?count=2&order=earliestFirst&cursor=" + cursor);
  EXPECT_EQ(occurrences(second.body, "\"dlqId\""), 1u);
  EXPECT_EQ(occurrences(second.body, wire_letter(3)), 1u);
  EXPECT_EQ(occurrences(second.body, "cursor"), 0u);
}

TEST(DeadLetters, FiltersAndIdsNarrowTheList) {
  ApiUnderTest api;
  add_letters(api, 4);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/dlq?label=even").body, "\"dlqId\""), 2u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/dlq?dlqIds=" + wire_letter(1)).body, "\"dlqId\""), 1u);
  EXPECT_EQ(api.send("GET", "/v2/dlq?dlqIds=nonsense").body, R"({"messages":[]})");
  EXPECT_EQ(api.send("GET", "/v2/dlq?labeel=even").status, 400);
  EXPECT_EQ(api.send("GET", "/v2/dlq?cursor=nonsense").status, 400);
}

TEST(DeadLetters, OneIsShownOrNotFound) {
  ApiUnderTest api;
  add_letters(api, 1);
  const auto response = api.send("GET", "/v2/dlq/" + wire_letter(1));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(occurrences(response.body, "\"responseBody\":\"404 Not Found\""), 1u);
  const auto unknown = api.send("GET", "/v2/dlq/" + wire_letter(2));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "{\"error\":\"dlq message " + wire_letter(2) + " not found\"}");
  EXPECT_EQ(api.send("GET", "/v2/dlq/retry").status, 404);
}

TEST(DeadLetters, AnotherTenantsLetterIsNotFound) {
  ApiUnderTest api;
  test::add_dead_letter(*api.store, {.id = 5, .tenant = test::kOtherTenant}, {letter_id(1)}, {});
  EXPECT_EQ(api.send("GET", "/v2/dlq/" + wire_letter(1)).status, 404);
  EXPECT_EQ(api.send("GET", "/v2/dlq").body, R"({"messages":[]})");
}

TEST(DeadLetters, DeletingOneAnswersItsCountOrNotFound) {
  ApiUnderTest api;
  api.engine = engine_that_deletes(1);
  EXPECT_EQ(api.send("DELETE", "/v2/dlq/" + wire_letter(1)).body, R"({"deleted":1})");
  EXPECT_EQ(api.command<engine::DeleteDeadLetters>().letters,
            std::vector<DeadLetterId>{{letter_id(1)}});
  api.engine = engine_that_deletes(0);
  EXPECT_EQ(api.send("DELETE", "/v2/dlq/" + wire_letter(1)).status, 404);
  EXPECT_EQ(api.send("DELETE", "/v2/dlq/nonsense").status, 404);
}

TEST(DeadLetters, ExplicitIdsAreDeletedOnceEachAndNeverAnswerACursor) {
  ApiUnderTest api;
  api.engine = engine_that_deletes(2);
  const std::string a = wire_letter(1), b = wire_letter(2);
  const auto by_query = api.send("DELETE", "/v2/dlq?dlqIds=" + a + "&dlqIds=" + b + "," + a);
  EXPECT_EQ(by_query.body, R"({"deleted":2})");
  const auto by_body = api.send("DELETE", "/v2/dlq", {{"Content-Type", "application/json"}},
                                R"({"dlqIds":[")" + a + R"(",")" + b + R"("]})");
  EXPECT_EQ(by_body.body, R"({"deleted":2})");
  for (const engine::Command& command : api.commands) {
    EXPECT_EQ(std::get<engine::DeleteDeadLetters>(command).letters,
              (std::vector<DeadLetterId>{{letter_id(1)}, {letter_id(2)}}));
  }
}

TEST(DeadLetters, DeletingByFilterTakesOnePageAndTellsWhetherMoreMatch) {
  ApiUnderTest api;
  add_letters(api, 5);
  api.engine = engine_that_deletes(1);
  const auto page = api.send("DELETE", "/v2/dlq?label=even&count=1");
  EXPECT_TRUE(page.body.starts_with(R"({"deleted":1,"cursor":")")) << page.body;
  EXPECT_EQ(api.command<engine::DeleteDeadLetters>().letters,
            std::vector<DeadLetterId>{{letter_id(4)}});
  api.engine = engine_that_deletes(2);
  EXPECT_EQ(api.send("DELETE", "/v2/dlq?label=even").body, R"({"deleted":2})");
}

TEST(DeadLetters, NothingFoundNeedsNoEngine) {
  ApiUnderTest api;
  EXPECT_EQ(api.send("DELETE", "/v2/dlq?label=none").body, R"({"deleted":0})");
  const auto retried = api.send("POST", "/v2/dlq/retry?label=none&count=100");
  EXPECT_EQ(retried.status, 201);
  EXPECT_EQ(retried.body, R"({"responses":[]})");
}

TEST(DeadLetters, AMisspelledFilterDeletesNothing) {
  ApiUnderTest api;
  add_letters(api, 1);
  const auto response = api.send("DELETE", "/v2/dlq?labeel=even");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"unknown parameter: labeel"})");
}

TEST(DeadLetters, RetryingOneAnswers201WithTheNewIdOrNotFound) {
  ApiUnderTest api;
  api.engine = retry_all;
  const auto response = api.send("POST", "/v2/dlq/retry/" + wire_letter(1) + "?upstash-delay=5s",
                                 {{"Upstash-Retries", "0"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "{\"messageId\":\"" + api.wire(1) + "\"}");
  const auto& command = api.command<engine::RetryDeadLetters>();
  EXPECT_EQ(command.letters, std::vector<DeadLetterId>{{letter_id(1)}});
  EXPECT_EQ(command.overrides.max_retries, 0);
  EXPECT_EQ(command.overrides.delay, std::chrono::seconds(5));
  EXPECT_FALSE(command.overrides.content_type) << "the call's own, not the message's";
  EXPECT_EQ(command.caller_ip, "203.0.113.9");

  api.engine = [](const engine::Command&) { return engine::Retried{}; };
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry/" + wire_letter(2)).status, 404);
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry/nonsense").status, 404);
}

TEST(DeadLetters, RetryingSeveralAnswersTheirNewIds) {
  ApiUnderTest api;
  add_letters(api, 4);
  api.engine = retry_all;
  const std::string both = R"("responses":[{"messageId":")" + api.wire(1) + R"("},{"messageId":")" +
                           api.wire(2) + "\"}]}";
  const auto by_ids =
      api.send("POST", "/v2/dlq/retry?dlqIds=" + wire_letter(1) + "," + wire_letter(2));
  EXPECT_EQ(by_ids.status, 201);
  EXPECT_EQ(by_ids.body, "{" + both);
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry?label=even").body, "{" + both);
  EXPECT_EQ(std::get<engine::RetryDeadLetters>(api.commands.at(1)).letters,
            (std::vector<DeadLetterId>{{letter_id(4)}, {letter_id(2)}}));
  EXPECT_TRUE(api.send("POST", "/v2/dlq/retry?count=2").body.starts_with(R"({"cursor":")"));
}

TEST(DeadLetters, OverridesAreCheckedBeforeAnythingIsRetried) {
  ApiUnderTest api;
  add_letters(api, 1);
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry", {{"Upstash-Delay", "x"}}).status, 400);
  EXPECT_EQ(
      api.send("POST", "/v2/dlq/retry/" + wire_letter(1), {{"Upstash-Queue-Name", "q r"}}).status,
      400);
}

}  // namespace
}  // namespace ferry::api
