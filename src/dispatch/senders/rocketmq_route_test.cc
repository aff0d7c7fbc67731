#include "dispatch/senders/rocketmq_route.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

std::string route_of(const std::string& brokers, const std::string& queues) {
  return R"({"brokerDatas":[)" + brokers + R"(],"queueDatas":[)" + queues + "]}";
}

std::string broker(const std::string& name, const std::string& addresses) {
  return R"({"brokerName":")" + name + R"(","cluster":"c","brokerAddrs":{)" + addresses + "}}";
}

std::string queues(const std::string& name, int count, int permission = 6) {
  return R"({"brokerName":")" + name + R"(","readQueueNums":9,"writeQueueNums":)" +
         std::to_string(count) + R"(,"perm":)" + std::to_string(permission) + "}";
}

TEST(RocketMqRoute, TakesTheMastersQueuesOfOneBrokerAfterTheOther) {
  const auto route = read_rocketmq_route(
      route_of(broker("a", R"("0":"h:1","1":"h:9")") + "," + broker("b", R"("0":"h:2")"),
               queues("b", 1) + "," + queues("a", 2)));
  ASSERT_TRUE(route.has_value()) << route.error().text;
  const std::vector<RocketMqQueue> expected = {{"h:1", 0}, {"h:2", 0}, {"h:1", 1}};
  EXPECT_EQ(*route, expected);
}

TEST(RocketMqRoute, LeavesOutWhatCannotBeWrittenTo) {
  EXPECT_TRUE(
      read_rocketmq_route(route_of(broker("a", R"("0":"h:1")"), queues("a", 4, 4)))->empty());
  EXPECT_TRUE(read_rocketmq_route(route_of(broker("a", R"("1":"h:1")"), queues("a", 4)))->empty());
  EXPECT_TRUE(read_rocketmq_route(route_of(broker("a", R"("0":"h:1")"), queues("z", 4)))->empty());
  EXPECT_TRUE(read_rocketmq_route(route_of("", ""))->empty());
}

TEST(RocketMqRoute, IsBounded) {
  const auto route =
      read_rocketmq_route(route_of(broker("a", R"("0":"h:1")"), queues("a", 2'000'000'000)));
  EXPECT_EQ(route->size(), kRocketMqQueuesMax);
  EXPECT_TRUE(read_rocketmq_route(route_of(broker("a", R"("0":"h:1")"), queues("a", -1)))->empty());
}

TEST(RocketMqRoute, IsRefusedWhenItIsNone) {
  for (const char* text : {"", "{", "[]", "{}", R"({"brokerDatas":{},"queueDatas":[]})",
                           R"({"brokerDatas":[{"brokerAddrs":{0:"h:1"}}],"queueDatas":[]})"}) {
    EXPECT_FALSE(read_rocketmq_route(text).has_value()) << text;
  }
  EXPECT_TRUE(read_rocketmq_route(R"({"brokerDatas":[1,null],"queueDatas":["x",{}]})")->empty());
}

}  // namespace
}  // namespace ferry::dispatch
