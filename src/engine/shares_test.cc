#include "engine/shares.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

using Refusal = Shares::Refusal;

constexpr TenantId kOne{1};
constexpr TenantId kTwo{2};

class SharesTest : public ::testing::Test {
 protected:
  // Slow attempts of the tenant, each to an address of its own, while they may start.
  std::uint32_t fill(TenantId tenant) {
    std::uint32_t started = 0;
    while (shares_.refusal(tenant, ++address_, true) == Refusal::kNone) {
      shares_.started(tenant, address_, true);
      ++started;
    }
    return started;
  }

  Shares shares_{80};
  AddressId address_ = 100;
};

TEST_F(SharesTest, GiveOneTenantAndOneAddressAllSlotsForQuickAttempts) {
  for (std::uint32_t slots = 1; slots <= 300; ++slots) {
    Shares shares(slots);
    std::uint32_t started = 0;
    while (shares.free_slots() > 0 && shares.refusal(kOne, 1, false) == Refusal::kNone) {
      shares.started(kOne, 1, false);
      ++started;
    }
    EXPECT_EQ(started, slots);
  }
}

TEST_F(SharesTest, LeaveOneToATenantThatHasNoneWhoeverHasTheRest) {
  for (std::int64_t tenant = 1; tenant <= 3; ++tenant) {
    int started = 0;
    while (shares_.refusal(TenantId{tenant}, 1, false) == Refusal::kNone) {
      shares_.started(TenantId{tenant}, 1, false);
      ++started;
    }
    EXPECT_GT(started, 0);
  }
  EXPECT_EQ(shares_.running(), 90u);
}

TEST_F(SharesTest, GiveTheSlowAttemptsOfOneTenantAQuarter) {
  EXPECT_EQ(fill(kOne), 20u);
  EXPECT_EQ(shares_.refusal(kOne, 1, true), Refusal::kSlow);
  EXPECT_EQ(shares_.refusal(kOne, 1, false), Refusal::kNone);  // that would not count
  EXPECT_EQ(shares_.refusal(kTwo, 1, true), Refusal::kNone);
}

TEST_F(SharesTest, GiveTheSlowAttemptsToOneAddressAnEighth) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(shares_.refusal(TenantId{i}, 1, true), Refusal::kNone);
    shares_.started(TenantId{i}, 1, true);
  }
  EXPECT_EQ(shares_.refusal(kTwo, 1, true), Refusal::kAddress);
  EXPECT_EQ(shares_.refusal(kTwo, 1, false), Refusal::kAddress);
  EXPECT_EQ(shares_.refusal(kTwo, 2, true), Refusal::kNone);
  shares_.ended(TenantId{0}, 1, true);
  EXPECT_EQ(shares_.refusal(kTwo, 1, true), Refusal::kNone);
}

TEST_F(SharesTest, GiveAllSlowAttemptsHalfAndAlwaysLeaveRoomForOneMoreTenant) {
  for (std::int64_t tenant = 1; tenant <= 10; ++tenant) EXPECT_GT(fill(TenantId{tenant}), 0u);
  EXPECT_LE(shares_.slow(), 40u);
}

TEST_F(SharesTest, CarryWhatIsOverTheHalfOnTopOfTheSlots) {
  for (int i = 0; i < 80; ++i) shares_.started(kOne, 1, false);
  for (int i = 0; i < 80; ++i) shares_.turned_slow(kOne, 1);
  EXPECT_EQ(shares_.free_slots(), 50u);
  EXPECT_EQ(shares_.refusal(kTwo, 2, false), Refusal::kNone);
  EXPECT_EQ(shares_.refusal(kOne, 2, false), Refusal::kOver);
}

TEST_F(SharesTest, TakeWhatOneTenantHasAboveItsQuarterFromNobody) {
  for (int i = 0; i < 80; ++i) shares_.started(kOne, 1, false);
  for (int i = 0; i < 80; ++i) shares_.turned_slow(kOne, 1);
  EXPECT_EQ(fill(kTwo), 6u);  // as if the first one had a quarter
  for (int i = 0; i < 70; ++i) shares_.ended(kOne, 1, true);
  EXPECT_EQ(shares_.slow_limit(), 20u);
}

TEST_F(SharesTest, NeverTakeMoreThanTwiceTheSlots) {
  for (std::int64_t tenant = 1; tenant <= 40; ++tenant) {
    const TenantId id{tenant};
    std::uint32_t started = 0;
    while (shares_.free_slots() > 0 && shares_.refusal(id, ++address_, false) == Refusal::kNone) {
      shares_.started(id, address_, false);
      ++started;
    }
    for (std::uint32_t i = 0; i < started; ++i) shares_.turned_slow(id, ++address_);
  }
  EXPECT_LE(shares_.running(), 160u);
  EXPECT_GT(shares_.running(), 120u);
}

TEST_F(SharesTest, CountAHostAtItsNewAddress) {
  for (int i = 0; i < 6; ++i) shares_.started(kOne, 1, true);
  for (int i = 0; i < 6; ++i) shares_.started(kTwo, 2, true);
  shares_.move(1, 2, 6);
  EXPECT_EQ(shares_.slow_at(1), 0u);
  EXPECT_EQ(shares_.slow_at(2), 12u);
  EXPECT_EQ(shares_.refusal(kOne, 2, true), Refusal::kAddress);
}

TEST_F(SharesTest, LetOneStartHoweverFewSlotsThereAre) {
  const Shares one(1);
  EXPECT_EQ(one.refusal(kOne, 1, true), Refusal::kNone);
  EXPECT_EQ(one.free_slots(), 1u);
}

}  // namespace
}  // namespace ferry::engine
