#include "engine/slots.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

constexpr LaneId kLane = 7;
constexpr DeliveryId kRoot{11};
constexpr TenantId kTenant{1};

class SlotsTest : public ::testing::Test {
 protected:
  SlotsTest() { slots_.grant(kTenant, kLane, kRoot); }
  Slots slots_;
};

TEST_F(SlotsTest, AFirstAttemptIsNotStored) {
  EXPECT_TRUE(slots_.holds(kLane, kRoot));
  EXPECT_FALSE(slots_.take_changed(kLane));
  EXPECT_TRUE(slots_.leave(kLane, kRoot));
  EXPECT_FALSE(slots_.take_changed(kLane));
  EXPECT_FALSE(slots_.holds(kLane, kRoot));
}

TEST_F(SlotsTest, ARetryKeepsItsSlotStored) {
  slots_.keep(kLane, kRoot);
  EXPECT_EQ(slots_.take_changed(kLane), (Sequence{kLane, kTenant, {{kRoot, 1}}}));
  slots_.keep(kLane, kRoot);
  EXPECT_FALSE(slots_.take_changed(kLane));
  EXPECT_TRUE(slots_.leave(kLane, kRoot));
  EXPECT_EQ(slots_.take_changed(kLane), (Sequence{kLane, kTenant, {}}));
}

TEST_F(SlotsTest, CallbacksShareTheSlotUntilTheLastOneEnds) {
  slots_.share(kLane, kRoot);
  slots_.share(kLane, kRoot);
  EXPECT_EQ(slots_.take_changed(kLane), (Sequence{kLane, kTenant, {{kRoot, 3}}}));
  EXPECT_FALSE(slots_.leave(kLane, kRoot));
  EXPECT_FALSE(slots_.leave(kLane, kRoot));
  EXPECT_TRUE(slots_.leave(kLane, kRoot));
}

TEST_F(SlotsTest, RecoversWhatWasStored) {
  slots_.share(kLane, kRoot);
  Slots next;
  for (const Sequence& row : slots_.stored()) next.recover(row);
  EXPECT_EQ(next.stored(), slots_.stored());
  EXPECT_TRUE(next.holds(kLane, kRoot));
  EXPECT_FALSE(next.leave(kLane, kRoot));
  EXPECT_TRUE(next.leave(kLane, kRoot));
}

}  // namespace
}  // namespace ferry::engine
