#include "http/byte_budget.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace ferry::http {
namespace {

using std::chrono::seconds;

const Party kAnna = Party::of_caller(1);
const Party kBert = Party::of_caller(2);
const Party kCleo = Party::of_caller(3);

SteadyTime later(seconds after) { return std::chrono::steady_clock::now() + after; }

TEST(ByteBudget, GrantsAtOnceWhatFits) {
  const auto budget = ByteBudget::make(100);
  const auto all = budget->claim(kAnna, 100);
  EXPECT_TRUE(all->is_granted());
  EXPECT_EQ(budget->bytes_held(), 100u);
}

TEST(ByteBudget, RefusesWhatNeverFits) {
  const auto budget = ByteBudget::make(100);
  EXPECT_EQ(budget->claim(kAnna, 101), nullptr);
  EXPECT_EQ(budget->claims_waiting(), 0u);
}

TEST(ByteBudget, GivesBackWhenAClaimEnds) {
  const auto budget = ByteBudget::make(100);
  auto first = budget->claim(kAnna, 60);
  const auto second = budget->claim(kAnna, 60);
  EXPECT_FALSE(second->is_granted());
  first.reset();
  EXPECT_TRUE(second->is_granted());
  EXPECT_EQ(budget->bytes_held(), 60u);
}

TEST(ByteBudget, LeavesTheLineWhenAWaitingClaimEnds) {
  const auto budget = ByteBudget::make(100);
  auto first = budget->claim(kAnna, 60);
  auto second = budget->claim(kAnna, 60);
  const auto third = budget->claim(kAnna, 15);  // in line after the second
  EXPECT_FALSE(third->is_granted());
  second.reset();
  EXPECT_TRUE(third->is_granted());
  EXPECT_EQ(budget->claims_waiting(), 0u);
}

// Three uploads of 89 MB against 224 MB: the second would leave too little to others.
TEST(ByteBudget, OnePartyLeavesAQuarterToOthers) {
  const auto budget = ByteBudget::make(224);
  const auto first = budget->claim(kAnna, 89);
  const auto second = budget->claim(kAnna, 89);
  const auto other = budget->claim(kBert, 10);
  const auto large = budget->claim(kCleo, 89);
  EXPECT_TRUE(first->is_granted());
  EXPECT_FALSE(second->is_granted());
  EXPECT_TRUE(other->is_granted());
  EXPECT_TRUE(large->is_granted());
}

TEST(ByteBudget, AloneAPartyGetsThreeQuarters) {
  const auto budget = ByteBudget::make(100);
  std::vector<std::unique_ptr<ByteBudget::Claim>> claims;
  for (int i = 0; i < 10; ++i) claims.push_back(budget->claim(kAnna, 10));
  EXPECT_EQ(budget->bytes_held(), 70u);
  EXPECT_EQ(budget->claims_waiting(), 3u);
}

TEST(ByteBudget, APartyThatHoldsNothingGetsWhatIsFree) {
  const auto budget = ByteBudget::make(100);
  const auto first = budget->claim(kAnna, 75);
  const auto second = budget->claim(kBert, 25);
  EXPECT_TRUE(second->is_granted());
}

TEST(ByteBudget, WhileOthersWaitAPartyGetsAtMostHalf) {
  const auto budget = ByteBudget::make(100);
  auto first = budget->claim(kAnna, 40);
  const auto other = budget->claim(kBert, 60);
  const auto waiting = budget->claim(kCleo, 40);
  const auto more = budget->claim(kAnna, 20);
  first.reset();
  EXPECT_TRUE(waiting->is_granted());
  EXPECT_FALSE(more->is_granted());
}

TEST(ByteBudget, PartiesTakeTurns) {
  const auto budget = ByteBudget::make(100);
  auto all = budget->claim(kAnna, 100);
  std::vector<std::unique_ptr<ByteBudget::Claim>> of_anna, of_bert;
  for (int i = 0; i < 4; ++i) of_anna.push_back(budget->claim(kAnna, 25));
  for (int i = 0; i < 4; ++i) of_bert.push_back(budget->claim(kBert, 25));
  all.reset();
  const auto granted = [](const auto& claims) {
    int count = 0;
    for (const auto& claim : claims) count += claim->is_granted() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(granted(of_anna), 2);
  EXPECT_EQ(granted(of_bert), 2);
  EXPECT_TRUE(of_bert[0]->is_granted());  // first come first served
}

// Else a stream of smaller claims would keep it waiting for ever.
TEST(ByteBudget, ALargeClaimKeepsItsTurnAgainstAllButSmallOnes) {
  const auto budget = ByteBudget::make(800);
  const auto held = budget->claim(kAnna, 500);
  const auto large = budget->claim(kBert, 400);
  const auto medium = budget->claim(kCleo, 200);
  const auto small = budget->claim(Party::of_caller(4), 100);
  EXPECT_FALSE(large->is_granted());
  EXPECT_FALSE(medium->is_granted());
  EXPECT_TRUE(small->is_granted());
}

TEST(ByteBudget, AClaimThatNeedsLessGivesTheRestBack) {
  const auto budget = ByteBudget::make(100);
  const auto first = budget->claim(kAnna, 100);
  const auto second = budget->claim(kBert, 90);
  first->shrink_to(10);
  EXPECT_TRUE(second->is_granted());
  EXPECT_EQ(budget->bytes_held(), 100u);
}

TEST(ByteBudget, RecallsTheSlowestTransferOfTheLargestPartyForOneThatWaits) {
  const auto budget = ByteBudget::make(100);
  const auto fast = budget->claim(kAnna, 30);
  const auto slow = budget->claim(kAnna, 40);
  const auto waiting = budget->claim(kBert, 50);
  fast->note_progress(29);
  slow->note_progress(1);
  budget->recall_slowest(later(seconds(0)));
  EXPECT_FALSE(slow->is_recalled());
  budget->recall_slowest(later(seconds(5)));
  EXPECT_TRUE(slow->is_recalled());
  EXPECT_FALSE(fast->is_recalled());
}

TEST(ByteBudget, RecallsNothingThatWillSoonBeOver) {
  const auto budget = ByteBudget::make(100);
  const auto fast = budget->claim(kAnna, 70);
  const auto waiting = budget->claim(kBert, 50);
  fast->note_progress(60);
  budget->recall_slowest(later(seconds(5)));
  EXPECT_FALSE(fast->is_recalled());
}

TEST(ByteBudget, RecallsNothingThatIsReadAlready) {
  const auto budget = ByteBudget::make(100);
  const auto held = budget->claim(kAnna, 70);
  const auto waiting = budget->claim(kBert, 50);
  held->end_transfer();
  budget->recall_slowest(later(seconds(5)));
  EXPECT_FALSE(held->is_recalled());
}

TEST(ByteBudget, APartyIsNotServedByRecallingItsOwnOrThoseOfSmallOnes) {
  const auto budget = ByteBudget::make(100);
  const auto small = budget->claim(kBert, 20);
  const auto first = budget->claim(kAnna, 60);
  const auto second = budget->claim(kAnna, 30);
  budget->recall_slowest(later(seconds(5)));
  EXPECT_FALSE(small->is_recalled());
  EXPECT_FALSE(first->is_recalled());
}

TEST(ByteBudget, WhatIsInMemoryAlreadyIsGrantedAndRecalledWhenItIsTooMuch) {
  const auto budget = ByteBudget::make(100);
  const auto first = budget->claim_at_once(kAnna, 90);
  const auto second = budget->claim_at_once(kBert, 20);
  EXPECT_TRUE(second->is_granted());
  EXPECT_EQ(budget->bytes_held(), 110u);
  budget->recall_slowest(later(seconds(5)));
  EXPECT_TRUE(first->is_recalled());
  EXPECT_FALSE(second->is_recalled());
}

TEST(ByteBudget, ServesManyThreads) {
  const auto budget = ByteBudget::make(1000);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&budget, i] {
      for (int round = 0; round < 2000; ++round) {
        const auto claim = budget->claim(Party::of_caller(i % 2), 300);
        if (claim->is_granted()) EXPECT_LE(budget->bytes_held(), 1000u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget->bytes_held(), 0u);
  EXPECT_EQ(budget->claims_waiting(), 0u);
}

}  // namespace
}  // namespace ferry::http
