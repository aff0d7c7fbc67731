#include "api/qstash/flow_keys.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "domain/flow_control.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using Change = engine::ChangeFlowKey::Change;

FlowKey flow_key(std::string key) {
  FlowKey flow;
  flow.tenant = test::kTenant;
  flow.key = std::move(key);
  flow.parallelism = 5;
  flow.rate = 10;
  flow.period = std::chrono::seconds(60);
  flow.window_start = from_unix_ms(1'708'000'000'999);
  return flow;
}

engine::ResourceView view_of(FlowKey flow) {
  return {.resource = std::make_shared<const FlowKey>(std::move(flow)),
          .lane = 77,
          .running = 3,
          .running_in_lane = 0,
          .started = 4,
          .waiting_elsewhere = 2};
}

void add_row_to_lane(ApiUnderTest& api, std::int64_t id, LaneId lane) {
  Delivery delivery = test::delivery_of({.id = id});
  delivery.lane = lane;
  store::WriteSet set;
  set.add(store::PutMessage{std::make_shared<const Message>(test::message_of({.id = id}))});
  set.add(store::PutDelivery{delivery});
  ASSERT_TRUE(api.store->commit(std::span(&set, 1)));
}

TEST(FlowKeys, AreShownWithEveryField) {
  ApiUnderTest api;
  api.engine = test::obliging_engine({view_of(flow_key("k"))});
  EXPECT_EQ(api.send("GET", "/v2/flowControl/k").body,
            R"({"flowControlKey":"k","waitListSize":2,"parallelismMax":5,"parallelismCount":3,)"
            R"("rateMax":10,"rateCount":4,"ratePeriod":60,"ratePeriodStart":1708000000,)"
            R"("isPaused":false,"isPinnedParallelism":false,"isPinnedRate":false})");
}

TEST(FlowKeys, TheWaitListIsTheLaneWithoutWhatRunsAndWhatWaitsElsewhere) {
  ApiUnderTest api;
  for (std::int64_t id = 1; id <= 4; ++id) add_row_to_lane(api, id, 77);
  engine::ResourceView view = view_of(flow_key("k"));
  view.running_in_lane = 1;
  api.engine = test::obliging_engine({view});
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/flowControl/k").body, "\"waitListSize\":5"), 1u);
}

TEST(FlowKeys, TheWaitListIsNeverBelowNothing) {
  ApiUnderTest api;
  engine::ResourceView view = view_of(flow_key("k"));
  view.running_in_lane = 9;
  api.engine = test::obliging_engine({view});
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/flowControl/k").body, "\"waitListSize\":0"), 1u);
}

TEST(FlowKeys, KeysMayHaveSlashesAndBlanks) {
  ApiUnderTest api;
  api.engine = test::obliging_engine({view_of(flow_key("key/with space")), view_of(flow_key("a"))});
  EXPECT_EQ(api.send("GET", "/v2/flowControl/key/with%20space").status, 200);
  EXPECT_EQ(api.send("GET", "/v2/flowControl/key%2Fwith%20space").status, 200);
  EXPECT_EQ(api.send("GET", "/v2/FlowControl/key").status, 404);
}

TEST(FlowKeys, TheListIsAnArrayThatSearchNarrows) {
  ApiUnderTest api;
  api.engine = test::obliging_engine({view_of(flow_key("alpha")), view_of(flow_key("beta"))});
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/flowControl/").body, "flowControlKey"), 2u);
  const auto found = api.send("GET", "/v2/flowControl?search=et");
  EXPECT_EQ(test::occurrences(found.body, "flowControlKey"), 1u);
  EXPECT_EQ(test::occurrences(found.body, "\"beta\""), 1u);
  EXPECT_EQ(api.send("GET", "/v2/flowControl?search=x").body, "[]");
}

engine::ChangeFlowKey changed(std::string_view rest) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = api.send("POST", "/v2/flowControl/" + std::string(rest));
  EXPECT_EQ(response.status, 200) << rest << ": " << response.body;
  return response.status == 200 ? api.command<engine::ChangeFlowKey>() : engine::ChangeFlowKey();
}

TEST(FlowKeys, TheLastSegmentSaysWhatToDo) {
  EXPECT_EQ(changed("k/pause").change, Change::kPause);
  EXPECT_EQ(changed("k/Resume").change, Change::kResume);
  EXPECT_EQ(changed("k/resetRate").change, Change::kReset);
  EXPECT_EQ(changed("k/reset").change, Change::kReset);
  EXPECT_EQ(changed("a/pause%2F/b%20c/pause").key, "a/pause//b c");
}

TEST(FlowKeys, PinningTakesItsValuesFromTheQuery) {
  const auto both = changed("k/pin?parallelism=3&rate=7&period=60");
  EXPECT_EQ(both.change, Change::kPin);
  EXPECT_EQ(both.parallelism, 3);
  EXPECT_EQ(both.rate, 7);
  EXPECT_EQ(both.period, std::chrono::seconds(60));
  const auto rate = changed("k/pin?rate=1");
  EXPECT_FALSE(rate.parallelism);
  EXPECT_EQ(rate.period, std::chrono::seconds(1));
  EXPECT_EQ(changed("k/pin?rate=1&period=1m").period, std::chrono::seconds(60));
}

TEST(FlowKeys, UnpinningNamesTheHalves) {
  const auto rate = changed("k/unpin?rate=true");
  EXPECT_EQ(rate.change, Change::kUnpin);
  EXPECT_TRUE(rate.rate);
  EXPECT_FALSE(rate.parallelism);
  EXPECT_TRUE(changed("k/unpin?parallelism=True&rate=false").parallelism);
  EXPECT_FALSE(changed("k/unpin?parallelism=1&rate=false").rate);
  EXPECT_FALSE(changed("k/unpin").rate);
}

TEST(FlowKeys, ValuesThatAreNoneAreRefused) {
  ApiUnderTest api;
  for (const char* rest :
       {"k/pin", "k/pin?parallelism=0", "k/pin?rate=x", "k/pin?period=5",
        "k/pin?parallelism=1&period=5", "k/pin?rate=1&period=0", "k/pin?rate=1&period=8d",
        "k/unpin?rate=maybe", "pause", "/pause", "k/pin?parallelism="}) {
    EXPECT_EQ(api.send("POST", "/v2/flowControl/" + std::string(rest)).status, 400) << rest;
  }
  EXPECT_EQ(api.send("POST", "/v2/flowControl/" + std::string(kFlowKeyBytesMax + 1, 'k') + "/pause")
                .status,
            400);
  EXPECT_EQ(api.send("POST", "/v2/flowControl/k/explode").status, 404);
  EXPECT_EQ(changed(std::string(kFlowKeyBytesMax, 'k') + "/pause").key.size(), kFlowKeyBytesMax);
}

TEST(FlowKeys, GlobalParallelismIsWhatRunsAndWhatMay) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("GET", "/v2/globalParallelism").body,
            R"({"parallelismMax":500,"parallelismCount":3})");
  EXPECT_EQ(api.command<engine::ReadParallelism>().tenant, test::kTenant);
}

}  // namespace
}  // namespace ferry::api
