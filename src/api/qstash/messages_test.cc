#include "api/qstash/messages.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;

auto engine_that_cancels(std::int64_t count) {
  return [count](const engine::Command&) -> engine::Answer { return engine::Cancelled{count}; };
}

TEST(Messages, APendingMessageIsShown) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 77, .body = "hello"});
  const auto response = api.send("GET", "/v2/messages/" + api.wire(77));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("\"messageId\":\"" + api.wire(77) + "\""), std::string::npos);
  EXPECT_NE(response.body.find("\"body\":\"hello\""), std::string::npos);
}

TEST(Messages, AMessageThatEndedStaysReadableForAWhile) {
  ApiUnderTest api;
  const test::Row row{.id = 77, .created_at = kNow - std::chrono::hours(1)};
  test::add_delivery(*api.store, row);
  store::WriteSet drop;
  drop.add(store::DropDelivery{{77}});
  drop.add(store::DropMessage{{77}});
  ASSERT_TRUE(api.store->commit(std::span(&drop, 1)));
  test::add_event(*api.store, row, EventState::kDelivered, kNow - Duration(59'999));
  EXPECT_EQ(api.send("GET", "/v2/messages/" + api.wire(77)).status, 200);
  test::add_event(*api.store, {.id = 78}, EventState::kDelivered, kNow - Duration(60'000));
  EXPECT_EQ(api.send("GET", "/v2/messages/" + api.wire(78)).status, 404);
}

TEST(Messages, UnknownForeignAndForgedIdsAreNotFound) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 5, .tenant = test::kOtherTenant});
  for (const std::string& id : {api.wire(5), api.wire(6), std::string("msg_forged")}) {
    const auto response = api.send("GET", "/v2/messages/" + id);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, "{\"error\":\"message " + id + " not found\"}");
  }
}

TEST(Messages, CancellingOneAnswersItsCount) {
  ApiUnderTest api;
  api.engine = engine_that_cancels(1);
  const auto response = api.send("DELETE", "/v2/messages/" + api.wire(9));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"cancelled":1})");
  EXPECT_EQ(api.command<engine::Cancel>().tenant, test::kTenant);
  EXPECT_EQ(api.command<engine::Cancel>().deliveries, std::vector<DeliveryId>{{9}});
}

TEST(Messages, CancellingWhatIsNotPendingIsNotFound) {
  ApiUnderTest api;
  api.engine = engine_that_cancels(0);
  EXPECT_EQ(api.send("DELETE", "/v2/messages/" + api.wire(9)).status, 404);
  EXPECT_EQ(api.send("DELETE", "/v2/messages/msg_forged").status, 404);
  EXPECT_EQ(api.commands.size(), 1u);
}

TEST(Messages, SeveralAreCancelledByIdsInQueryOrBodyOnceEach) {
  ApiUnderTest api;
  api.engine = engine_that_cancels(2);
  const std::string a = api.wire(1), b = api.wire(2);
  const auto by_query =
      api.send("DELETE", "/v2/messages?messageIds=" + b + "&messageIds=" + a + "," + b);
  EXPECT_EQ(by_query.body, R"({"cancelled":2})");
  const auto by_body = api.send("DELETE", "/v2/messages/", {{"Content-Type", "application/json"}},
                                R"({"messageIds":[")" + a + R"(",")" + b + R"("]})");
  EXPECT_EQ(by_body.status, 200);
  ASSERT_EQ(api.commands.size(), 2u);
  for (const engine::Command& command : api.commands) {
    EXPECT_EQ(std::get<engine::Cancel>(command).deliveries, (std::vector<DeliveryId>{{1}, {2}}));
  }
}

// Rows 1 to `count`; the even ones are labelled "even".
void add_rows(ApiUnderTest& api, std::int64_t count) {
  for (std::int64_t id = 1; id <= count; ++id) {
    test::Row row{.id = id};
    if (id % 2 == 0) row.labels = {"even"};
    test::add_delivery(*api.store, row);
  }
}

std::vector<std::size_t> slices_of(const ApiUnderTest& api) {
  std::vector<std::size_t> sizes;
  for (const engine::Command& command : api.commands) {
    sizes.push_back(std::get<engine::Cancel>(command).deliveries.size());
  }
  return sizes;
}

TEST(Messages, EverythingIsCancelledInSlices) {
  ApiUnderTest api;
  add_rows(api, 1201);
  test::add_delivery(*api.store, {.id = 5000, .tenant = test::kOtherTenant});
  test::add_delivery(*api.store, {.id = first_id_at(kNow + Duration(1))});  // came meanwhile
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/messages").body, R"({"cancelled":1201})");
  EXPECT_EQ(slices_of(api), (std::vector<std::size_t>{500, 500, 201}));
}

TEST(Messages, AnEmptyArrayOfIdsCancelsEverything) {
  ApiUnderTest api;
  add_rows(api, 3);
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/messages", {}, R"({"messageIds":[]})").body,
            R"({"cancelled":3})");
}

TEST(Messages, ACountIsTheMostThatAreCancelledOldestFirst) {
  ApiUnderTest api;
  add_rows(api, 10);
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/messages?label=even&count=3").body, R"({"cancelled":3})");
  EXPECT_EQ(std::get<engine::Cancel>(api.commands.at(0)).deliveries,
            (std::vector<DeliveryId>{{2}, {4}, {6}}));
}

TEST(Messages, RowsThatWereCancelledBeforeDoNotUseUpTheCount) {
  ApiUnderTest api;
  add_rows(api, 4);
  api.engine = [](const engine::Command& command) -> engine::Answer {
    std::int64_t count = 0;
    for (const DeliveryId id : std::get<engine::Cancel>(command).deliveries) count += id.value > 2;
    return engine::Cancelled{count};
  };
  EXPECT_EQ(api.send("DELETE", "/v2/messages?count=2").body, R"({"cancelled":2})");
}

TEST(Messages, FiltersThatFindNothingNeedNoEngine) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = first_id_at(kNow)});
  for (const char* query : {"topicName=g", "queueName=q", "url=https://x", "host=x", "path=/x",
                            "label=x", "flowControlKey=k", "scheduleId=s", "callerIp=1.1.1.1",
                            "callerIP=1.1.1.1", "toDate=1", "fromDate=1895262400000"}) {
    EXPECT_EQ(api.send("DELETE", std::string("/v2/messages?") + query).body, R"({"cancelled":0})")
        << query;
  }
}

TEST(Messages, EveryFilterFindsItsMessage) {
  ApiUnderTest api;
  test::add_delivery(*api.store,
                     {.id = 1,
                      .url = "https://h.test:8443/p?x",
                      .labels = {"l"},
                      .group = "g",
                      .queue = "q",
                      .schedule = "s",
                      .flow_control = FlowControl{.key = "a,b", .parallelism = {}, .rate = 1}});
  test::add_delivery(*api.store, {.id = 2});
  api.engine = test::obliging_engine();
  for (const char* query :
       {"topicName=g", "queueName=q", "url=https%3A%2F%2Fh.test%3A8443%2Fp%3Fx", "host=H.test:8443",
        "path=/p", "label=l", "flowControlKey=a%2Cb", "scheduleId=s"}) {
    EXPECT_EQ(api.send("DELETE", std::string("/v2/messages?") + query).body, R"({"cancelled":1})")
        << query;
  }
}

TEST(Messages, ManyIdsAreCancelledInSlices) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  std::string body = R"({"messageIds":[)";
  for (std::int64_t id = 1; id <= 501; ++id) {
    body += (id > 1 ? ",\"" : "\"") + api.wire(id) + "\"";
  }
  EXPECT_EQ(api.send("DELETE", "/v2/messages?label=ignored", {}, body + "]}").body,
            R"({"cancelled":501})");
  EXPECT_EQ(slices_of(api), (std::vector<std::size_t>{500, 1}));
}

TEST(Messages, PendingOnesAreListedLatestFirstWithACursor) {
  ApiUnderTest api;
  add_rows(api, 3);
  const auto first = api.send("GET", "/v2/messages?count=2");
  EXPECT_TRUE(first.body.starts_with("{\"messages\":[{\"messageId\":\"" + api.wire(3)));
  EXPECT_EQ(test::occurrences(first.body, "\"nextDeliveryTime\""), 2u);
  const std::string key = "\"cursor\":\"";
  const std::size_t begin = first.body.find(key) + key.size();
  const std::string cursor = first.body.substr(begin, first.body.find('"', begin) - begin);
  const auto second = api.send("GET", "/v2/messages/?count=2&cursor=" + cursor);
  EXPECT_TRUE(second.body.starts_with("{\"messages\":[{\"messageId\":\"" + api.wire(1)));
  EXPECT_EQ(test::occurrences(second.body, "cursor"), 0u);
  const auto earliest = api.send("GET", "/v2/messages?order=earliestFirst&label=even&trimBody=0");
  EXPECT_EQ(test::occurrences(earliest.body, "messageId"), 1u);
  EXPECT_EQ(test::occurrences(earliest.body, "hello"), 0u);
}

TEST(Messages, AnUnknownParameterCancelsNothing) {
  ApiUnderTest api;
  const auto response = api.send("DELETE", "/v2/messages?messageids=" + api.wire(1));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"unknown parameter: messageids"})");
}

}  // namespace
}  // namespace ferry::api
