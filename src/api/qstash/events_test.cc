#include "api/qstash/events.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Message `id` is made at second `id` and delivered 100 seconds later.
void add_delivered(ApiUnderTest& api, std::int64_t id, std::vector<std::string> labels = {}) {
  const TimePoint made = kNow + std::chrono::seconds(id);
  const test::Row row{.id = first_id_at(made), .labels = std::move(labels), .created_at = made};
  test::add_delivery(*api.store, row);
  test::add_event(*api.store, row, EventState::kDelivered, made + std::chrono::seconds(100));
}

std::string wire(const ApiUnderTest& api, std::int64_t id) {
  return api.wire(first_id_at(kNow + std::chrono::seconds(id)));
}

// The cursor of a page, which stands behind its entries; empty: it was the last page.
std::string cursor_of(const http::ServerResponse& page) {
  constexpr std::string_view kName = "],\"cursor\":\"";
  const std::size_t name = page.body.rfind(kName);
  if (name == std::string::npos || !page.body.ends_with("\"}")) return "";
  const std::size_t begin = name + kName.size();
  return page.body.substr(begin, page.body.size() - 2 - begin);
}

TEST(Events, AreListedLatestFirstUnderOneKey) {
  ApiUnderTest api;
  add_delivered(api, 1);
  const auto response = api.send("GET", "/v2/events");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with(R"({"events":[{"time":)"));
  EXPECT_LT(response.body.find("DELIVERED"), response.body.find("CREATED"));
  EXPECT_EQ(occurrences(response.body, "\"messageId\""), 2u);
  EXPECT_EQ(occurrences(response.body, "\"logs\""), 0u);
  EXPECT_EQ(occurrences(response.body, "cursor"), 0u);
}

TEST(Events, LogsShowTheSameUnderBothKeys) {
  ApiUnderTest api;
  add_delivered(api, 1);
  const auto response = api.send("GET", "/v2/logs");
  EXPECT_EQ(occurrences(response.body, "\"events\":["), 1u);
  EXPECT_EQ(occurrences(response.body, "\"logs\":["), 1u);
  EXPECT_EQ(occurrences(response.body, "\"messages\""), 0u);
  EXPECT_EQ(occurrences(response.body, "DELIVERED"), 2u);
}

TEST(Events, LogsOfOneMessageAreAlsoGrouped) {
  ApiUnderTest api;
  add_delivered(api, 1);
  add_delivered(api, 2);
  const auto response = api.send("GET", "/v2/logs?messageId=" + wire(api, 1));
  EXPECT_EQ(occurrences(response.body, "\"messages\":[{\"messageId\":\"" + wire(api, 1)), 1u);
  EXPECT_EQ(occurrences(response.body, wire(api, 2)), 0u);
}

TEST(Events, FiltersAndCountsNarrowThePage) {
  ApiUnderTest api;
  add_delivered(api, 1, {"a"});
  add_delivered(api, 2, {"b"});
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events?label=a").body, "\"state\""), 2u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events?state=CREATED").body, "\"state\""), 2u);
  const auto page = api.send("GET", "/v2/events?count=3");
  EXPECT_NE(cursor_of(page), "");
  EXPECT_EQ(occurrences(page.body, "\"state\""), 3u);
  EXPECT_EQ(api.send("GET", "/v2/events?count=0").status, 400);
  EXPECT_EQ(api.send("GET", "/v2/events?messageId=msg_unknown").body, R"({"events":[]})");
}

TEST(Events, AnotherTenantSeesNone) {
  ApiUnderTest api;
  add_delivered(api, 1);
  const auto response = api.send_raw(test::make_request(
      "GET", "/v2/events", {{"Authorization", "Bearer " + std::string(test::kOtherToken)}}));
  EXPECT_EQ(response.body, R"({"events":[]})");
}

TEST(Events, GroupsCountMessagesAndBringAllTheirEvents) {
  ApiUnderTest api;
  for (std::int64_t id : {1, 2, 3}) add_delivered(api, id);
  const auto response = api.send("GET", "/v2/events?groupBy=messageId&count=2");
  EXPECT_NE(cursor_of(response), "");
  EXPECT_EQ(occurrences(response.body, "\"events\":["), 2u);
  EXPECT_EQ(occurrences(response.body, "DELIVERED"), 2u);
  EXPECT_EQ(occurrences(response.body, "CREATED"), 2u);
  EXPECT_LT(response.body.find(wire(api, 3)), response.body.find(wire(api, 2)));
  EXPECT_EQ(occurrences(response.body, wire(api, 1)), 0u);
}

TEST(Events, GroupsContinueByTheirCursorWithoutRepeatingAMessage) {
  ApiUnderTest api;
  for (std::int64_t id : {1, 2, 3}) add_delivered(api, id);
  const auto first = api.send("GET", "/v2/logs?groupBy=messageId&count=2");
  const auto second =
      api.send("GET", "/v2/logs?groupBy=messageId&count=2&cursor=" + cursor_of(first));
  EXPECT_TRUE(second.body.starts_with("{\"messages\":[{\"messageId\":\"" + wire(api, 1)))
      << second.body;
  EXPECT_EQ(occurrences(second.body, "\"events\":["), 1u);
}

TEST(Events, GroupsOfAStateAreTheMessagesThatReachedIt) {
  ApiUnderTest api;
  add_delivered(api, 1);
  test::add_delivery(*api.store, {.id = first_id_at(kNow)});
  const auto response = api.send("GET", "/v2/events?groupBy=messageId&state=DELIVERED");
  EXPECT_EQ(occurrences(response.body, "\"events\":["), 1u);
  EXPECT_EQ(occurrences(response.body, "CREATED"), 1u);
}

TEST(Events, NoGroupsAreAnEmptyArray) {
  ApiUnderTest api;
  EXPECT_EQ(api.send("GET", "/v2/events?groupBy=messageId").body, R"({"messages":[]})");
}

TEST(Events, BodiesAreTrimmedOnRequest) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 5, .body = "hello"});
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, R"("body":"aGVsbG8=")"), 1u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events?trimBody=2").body, R"("body":"aGU=")"), 1u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events?trimBody=0").body, "\"body\""), 0u);
}

}  // namespace
}  // namespace ferry::api
