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

TEST(Messages, AnUnknownParameterCancelsNothing) {
  ApiUnderTest api;
  const auto response = api.send("DELETE", "/v2/messages?messageids=" + api.wire(1));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"unknown parameter: messageids"})");
}

}  // namespace
}  // namespace ferry::api
