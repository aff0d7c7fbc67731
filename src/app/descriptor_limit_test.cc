#include "app/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace ferry::app {
namespace {

Settings settings_with(std::size_t connections, std::uint32_t attempts) {
  Settings settings;
  settings.connections_max = connections;
  settings.in_flight_max = attempts;
  return settings;
}

TEST(DescriptorLimit, IsRaisedToTheHardOne) {
  const std::uint64_t limit = raise_descriptor_limit();
  rlimit now{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, now.rlim_max);
  EXPECT_EQ(limit, now.rlim_cur);
}

TEST(DescriptorLimit, WhatIsEnoughWarnsOfNothing) {
  const DescriptorPlan plan = plan_descriptors(settings_with(10'000, 1'000), 20'000);
  EXPECT_EQ(plan.connections_max, 10'000u);
  EXPECT_EQ(plan.warning, "");
  EXPECT_EQ(plan_descriptors(settings_with(800, 100), 128 + 800 + 100 + 100).warning, "");
  EXPECT_NE(plan_descriptors(settings_with(800, 100), 128 + 800 + 100 + 99).warning, "");
}

TEST(DescriptorLimit, TooFewAreSharedByConnectionsAndAttempts) {
  const DescriptorPlan plan = plan_descriptors(settings_with(10'000, 1'000), 256);
  EXPECT_EQ(plan.connections_max, 56u);
  for (const char* part : {"256", "connections_max", "delivery.in_flight_max", "LimitNOFILE"}) {
    EXPECT_NE(plan.warning.find(part), std::string::npos) << plan.warning;
  }
  // Attempts that need less leave the rest to connections.
  EXPECT_EQ(plan_descriptors(settings_with(10'000, 100), 1'128).connections_max, 788u);
}

TEST(DescriptorLimit, SomeConnectionsAreServedInAnyCase) {
  EXPECT_EQ(plan_descriptors(settings_with(10'000, 1'000), 64).connections_max, 16u);
  EXPECT_EQ(plan_descriptors(settings_with(4, 1'000), 64).connections_max, 16u);
}

}  // namespace
}  // namespace ferry::app
