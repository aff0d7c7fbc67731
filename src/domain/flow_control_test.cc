#include "domain/flow_control.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using std::chrono::seconds;

FlowControl flow_of(std::string_view value) {
  const auto flow = parse_flow_control("k", value);
  EXPECT_TRUE(flow) << value << ": " << (flow ? "" : flow.error().text);
  return flow.value_or(FlowControl());
}

std::string error_of(std::string_view value, std::string_view key = "k") {
  const auto flow = parse_flow_control(key, value);
  EXPECT_FALSE(flow) << value;
  if (flow) return {};
  EXPECT_EQ(flow.error().code, ErrorCode::kInvalidHeader);
  return flow.error().text;
}

TEST(FlowControl, EveryFormSeenOnTheWireIsRead) {
  EXPECT_EQ(flow_of("parallelism=3, rate=5"), (FlowControl{"k", 3, 5, seconds(1)}));
  EXPECT_EQ(flow_of("rate=1, period=10s"), (FlowControl{"k", {}, 1, seconds(10)}));
  EXPECT_EQ(flow_of("parallelism=5,rate=10,period=1m"), (FlowControl{"k", 5, 10, seconds(60)}));
  EXPECT_EQ(flow_of("rate=23, period=1h30m3s"), (FlowControl{"k", {}, 23, seconds(5403)}));
  EXPECT_EQ(flow_of("rate=4, period=2s"), (FlowControl{"k", {}, 4, seconds(2)}));
  EXPECT_EQ(flow_of("parallelism=1"), (FlowControl{"k", 1, {}, seconds(1)}));
}

TEST(FlowControl, BlanksOrderAndCaseDoNotMatter) {
  EXPECT_EQ(flow_of(" Period = 1d ,RATE= 7 "), (FlowControl{"k", {}, 7, seconds(86'400)}));
  EXPECT_EQ(flow_of("rate=1,period=90"), (FlowControl{"k", {}, 1, seconds(90)}));
}

TEST(FlowControl, PeriodsEndAtASecondAndAWeek) {
  EXPECT_EQ(flow_of("rate=1,period=1s").period, seconds(1));
  EXPECT_EQ(flow_of("rate=1,period=7d").period, std::chrono::hours(24 * 7));
  for (const char* period : {"0", "999ms", "7d1s", "1.5s", "", "soon", "-1"}) {
    EXPECT_EQ(error_of("rate=1,period=" + std::string(period)),
              "period must be whole seconds from 1s to 7d");
  }
}

TEST(FlowControl, LimitsAreWholeNumbersFromOne) {
  EXPECT_EQ(flow_of("parallelism=2147483647").parallelism, 2'147'483'647);
  for (const char* value : {"0", "-1", "1.5", "x", "", "2147483648"}) {
    EXPECT_EQ(error_of("parallelism=" + std::string(value)),
              "parallelism must be a whole number of 1 or more");
    EXPECT_EQ(error_of("rate=" + std::string(value)), "rate must be a whole number of 1 or more");
  }
}

TEST(FlowControl, JunkIsRefusedByName) {
  EXPECT_EQ(error_of(""), "'' is not of the form key=value");
  EXPECT_EQ(error_of("rate=1,"), "'' is not of the form key=value");
  EXPECT_EQ(error_of("rate"), "'rate' is not of the form key=value");
  EXPECT_EQ(error_of("burst=1"), "'burst' is none of parallelism, rate and period");
  EXPECT_EQ(error_of("rate=1,Rate=2"), "rate is given twice");
  EXPECT_EQ(error_of("rate=1,period=1s,period=1s"), "period is given twice");
  EXPECT_EQ(error_of("period=1s"), "needs parallelism or rate");
}

TEST(FlowControl, KeysAreAnyTextUpToTheirLimit) {
  EXPECT_EQ(parse_flow_control("a b/c:d", "rate=1")->key, "a b/c:d");
  EXPECT_TRUE(parse_flow_control(std::string(kFlowKeyBytesMax, 'k'), "rate=1"));
  EXPECT_EQ(error_of("rate=1", std::string(kFlowKeyBytesMax + 1, 'k')),
            "the key is longer than 1024 bytes");
  EXPECT_EQ(error_of("rate=1", ""), "the key is empty");
}

FlowKey key_with(std::int32_t parallelism, std::int32_t rate, Duration period) {
  FlowKey key;
  key.parallelism = parallelism;
  key.rate = rate;
  key.period = period;
  return key;
}

TEST(FlowControl, TheNewestMessageReplacesBothHalves) {
  FlowKey key = key_with(5, 10, seconds(60));
  EXPECT_TRUE(take_newest(key, {"k", 2, 3, seconds(7)}));
  EXPECT_EQ(key, key_with(2, 3, seconds(7)));
  EXPECT_FALSE(take_newest(key, {"k", 2, 3, seconds(7)}));
}

TEST(FlowControl, AHalfThatTheNewestMessageLacksBecomesUnlimited) {
  FlowKey key = key_with(5, 10, seconds(60));
  EXPECT_TRUE(take_newest(key, {"k", {}, 3, seconds(7)}));
  EXPECT_EQ(key.parallelism, 0);
  EXPECT_TRUE(take_newest(key, {"k", 4, {}, seconds(1)}));
  EXPECT_EQ(key, key_with(4, 0, seconds(1)));
}

TEST(FlowControl, PinnedHalvesStay) {
  FlowKey key = key_with(5, 10, seconds(60));
  key.pinned_parallelism = true;
  EXPECT_TRUE(take_newest(key, {"k", 1, 2, seconds(3)}));
  EXPECT_EQ(key.parallelism, 5);
  EXPECT_EQ(key.rate, 2);
  key.pinned_rate = true;
  EXPECT_FALSE(take_newest(key, {"k", 9, 9, seconds(9)}));
  EXPECT_EQ(key.rate, 2);
  EXPECT_EQ(key.period, seconds(3));
}

}  // namespace
}  // namespace ferry
