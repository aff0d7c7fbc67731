#include <gtest/gtest.h>

#include "api/api_under_test.h"

// The rows of contract section 18 about messages, dead letters and the event log.

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;
using test::occurrences;

constexpr DeadLetterId kLetter{first_id_at(kNow)};

void add_letters(ApiUnderTest& api) {
  const auto response =
      std::make_shared<const Response>(Response{.status = 404, .headers = {}, .body = {}});
  test::add_dead_letter(
      *api.store, {.id = 1, .flow_control = FlowControl{.key = "k", .parallelism = {}, .rate = 1}},
      kLetter, response);
  test::add_dead_letter(*api.store, {.id = 2}, {kLetter.value + 1}, response);
}

void add_error_event(ApiUnderTest& api) {
  Event error;
  error.time = kNow;
  error.state = EventState::kError;
  error.response = std::make_shared<const Response>(
      Response{.status = 500, .headers = {{"Server", "s"}}, .body = {}});
  test::Row row{.id = 1, .group = "g", .endpoint = "end"};
  Message message = test::message_of(row);
  message.retry_delay_expression = "1000";
  store::WriteSet set;
  set.add(store::PutMessage{std::make_shared<const Message>(message)});
  set.add(store::PutDelivery{test::delivery_of(row)});
  set.add(store::AppendEntry{{test::delivery_of(row), {error}}});
  ASSERT_TRUE(api.store->commit(std::span(&set, 1)));
}

TEST(Section18, Row22_MessagesSpellTheCallersAddressInBothWays) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 1});
  const std::string body = api.send("GET", "/v2/messages/" + api.wire(1)).body;
  EXPECT_EQ(occurrences(body, R"("callerIP":"198.51.100.7","callerIp":"198.51.100.7")"), 1u);
}

TEST(Section18, Row23_TheCallersAddressIsAFilterInBothSpellings) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 1});
  for (const char* name : {"callerIp", "callerIP"}) {
    const std::string query = std::string(name) + "=198.51.100.7";
    EXPECT_EQ(occurrences(api.send("GET", "/v2/messages?" + query).body, "messageId"), 1u);
    EXPECT_EQ(occurrences(api.send("GET", "/v2/events?" + query).body, "messageId"), 1u);
    EXPECT_EQ(api.send("GET", "/v2/dlq?" + query).status, 200);
  }
}

TEST(Section18, Row25_CancelledIsEmittedWithOneLAndTakenWithBoth) {
  ApiUnderTest api;
  test::add_event(*api.store, {.id = 1}, EventState::kCanceled, kNow);
  for (const char* state : {"CANCELED", "CANCELLED"}) {
    const auto response = api.send("GET", std::string("/v2/events?state=") + state);
    EXPECT_EQ(occurrences(response.body, R"("state":"CANCELED")"), 1u) << state;
  }
}

TEST(Section18, Row26_ResponseHeadersOfTheLogHaveBothNames) {
  ApiUnderTest api;
  add_error_event(api);
  const std::string body = api.send("GET", "/v2/events").body;
  EXPECT_EQ(occurrences(body, R"("responseHeaders":{"Server":["s"]})"), 1u);
  EXPECT_EQ(occurrences(body, R"("responseHeader":{"Server":["s"]})"), 1u);
}

TEST(Section18, Row27_RetryExpressionsOfTheLogHaveBothNames) {
  ApiUnderTest api;
  add_error_event(api);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body,
                        R"("retryDelayExpression":"1000","retryDelayExpr":"1000")"),
            1u);
}

TEST(Section18, Row28_LogsAreEventsLogsAndGroupedMessages) {
  ApiUnderTest api;
  add_error_event(api);
  const std::string logs = api.send("GET", "/v2/logs").body;
  EXPECT_EQ(occurrences(logs, R"("events":[{)"), 1u);
  EXPECT_EQ(occurrences(logs, R"("logs":[{)"), 1u);
  EXPECT_EQ(occurrences(logs, R"("messages":[)"), 0u);
  const std::string one = api.send("GET", "/v2/logs?messageId=" + api.wire(1)).body;
  EXPECT_EQ(occurrences(one, R"("messages":[{"messageId":)"), 1u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, R"("logs")"), 0u);
}

TEST(Section18, Row29_LogsComeByAHundredAndAtMostAThousand) {
  ApiUnderTest api;
  for (std::int64_t n = 0; n < 101; ++n) {
    test::add_event(*api.store, {.id = 1}, EventState::kActive, kNow + Duration(n));
  }
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, "\"state\""), 100u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events?count=1000").body, "\"state\""), 101u);
  EXPECT_EQ(api.send("GET", "/v2/events?count=1001").status, 400);
}

TEST(Section18, Row30_DeadLettersComeLatestFirstUnlessAskedOtherwise) {
  ApiUnderTest api;
  add_letters(api);
  EXPECT_TRUE(api.send("GET", "/v2/dlq")
                  .body.starts_with("{\"messages\":[{\"dlqId\":\"" +
                                    wire_dead_letter_id({kLetter.value + 1})));
  EXPECT_TRUE(api.send("GET", "/v2/dlq?order=earliestFirst")
                  .body.starts_with("{\"messages\":[{\"dlqId\":\"" + wire_dead_letter_id(kLetter)));
}

TEST(Section18, Row31_DeadLettersAreFilteredByFlowKeyAndIds) {
  ApiUnderTest api;
  add_letters(api);
  const std::string first = wire_dead_letter_id(kLetter);
  for (const std::string& query : {std::string("flowControlKey=k"), "dlqIds=" + first}) {
    const std::string body = api.send("GET", "/v2/dlq?" + query).body;
    EXPECT_EQ(occurrences(body, "\"dlqId\""), 1u) << query;
    EXPECT_EQ(occurrences(body, first), 1u) << query;
  }
}

TEST(Section18, Row32_DeadLettersShowTheirId) {
  ApiUnderTest api;
  add_letters(api);
  const std::string id = wire_dead_letter_id(kLetter);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/dlq/" + id).body, "\"dlqId\":\"" + id + "\""), 1u);
}

TEST(Section18, Row33_AtTheEndThereIsNoCursor) {
  ApiUnderTest api;
  add_letters(api);
  api.engine = test::obliging_engine();
  EXPECT_EQ(occurrences(api.send("GET", "/v2/dlq").body, "cursor"), 0u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, "cursor"), 0u);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/messages").body, "cursor"), 0u);
  EXPECT_EQ(occurrences(api.send("POST", "/v2/dlq/retry").body, "cursor"), 0u);
  EXPECT_EQ(api.send("DELETE", "/v2/dlq").body, R"({"deleted":2})");
}

TEST(Section18, Row34_RetryingWhatNothingMatchesSucceeds) {
  ApiUnderTest api;
  const auto response = api.send("POST", "/v2/dlq/retry?label=nothing&count=1");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"responses":[]})");
}

TEST(Section18, Row35_RetryingOneAnswers201) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry/" + wire_dead_letter_id(kLetter)).status, 201);
}

TEST(Section18, Row36_IdsOfBulkCallsStandInTheQueryOrTheBody) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const std::string letter = wire_dead_letter_id(kLetter), message = api.wire(5);
  for (const bool in_body : {false, true}) {
    const std::string letters_query = in_body ? "" : "?dlqIds=" + letter;
    const std::string letters_body = in_body ? "{\"dlqIds\":[\"" + letter + "\"]}" : "";
    EXPECT_EQ(api.send("DELETE", "/v2/dlq" + letters_query, {}, letters_body).body,
              R"({"deleted":1})");
    EXPECT_EQ(occurrences(api.send("POST", "/v2/dlq/retry" + letters_query, {}, letters_body).body,
                          "messageId"),
              1u);
    const std::string query = in_body ? "" : "?messageIds=" + message;
    const std::string body = in_body ? "{\"messageIds\":[\"" + message + "\"]}" : "";
    EXPECT_EQ(api.send("DELETE", "/v2/messages" + query, {}, body).body, R"({"cancelled":1})");
  }
}

TEST(Section18, Row37_CancellingOneAnswersItsCount) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = api.send("DELETE", "/v2/messages/" + api.wire(5));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"cancelled":1})");
}

TEST(Section18, Row38_TheCountOfACancelEndsAt500AndIsAllWhenAbsent) {
  ApiUnderTest api;
  for (std::int64_t id = 1; id <= 501; ++id) test::add_delivery(*api.store, {.id = id});
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/messages?count=500").body, R"({"cancelled":500})");
  EXPECT_EQ(api.send("DELETE", "/v2/messages").body, R"({"cancelled":501})");
  EXPECT_EQ(api.send("DELETE", "/v2/messages?count=501").status, 400);
  EXPECT_EQ(api.send("DELETE", "/v2/messages?count=0").status, 400);
}

TEST(Section18, Row39_UnknownFiltersAreRefusedWhereTheyWouldMeanAll) {
  ApiUnderTest api;
  EXPECT_EQ(api.send("DELETE", "/v2/dlq?labeel=x").status, 400);
  EXPECT_EQ(api.send("POST", "/v2/dlq/retry?labeel=x").status, 400);
  EXPECT_EQ(api.send("GET", "/v2/dlq?labeel=x").status, 400);
  EXPECT_EQ(api.send("DELETE", "/v2/messages?labeel=x").status, 400);
}

TEST(Section18, Row54_EndpointNamesOfTheLogAreStrings) {
  ApiUnderTest api;
  add_error_event(api);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, R"("endpointName":"end")"), 1u);
}

TEST(Section18, Row55_TimesOfTheLogAreNumbers) {
  ApiUnderTest api;
  add_error_event(api);
  EXPECT_EQ(occurrences(api.send("GET", "/v2/events").body, R"("time":1795262400000,)"), 1u);
}

}  // namespace
}  // namespace ferry::api
