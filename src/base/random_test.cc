#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>

namespace ferry {
namespace {

TEST(Random, OneSeedGivesOneSequenceOnEveryMachine) {
  Random zero(0);
  for (const std::uint64_t expected :
       {0x99EC5F36CB75F2B4u, 0xBF6E1F784956452Au, 0x1A5F849D4933E6E0u, 0x6AA594F1262D2D2Cu}) {
    EXPECT_EQ(zero.next(), expected);
  }
  Random other(42);
  for (const std::uint64_t expected :
       {0x15780B2E0C2EC716u, 0x6104D9866D113A7Eu, 0xAE17533239E499A1u, 0xECB8AD4703B360A1u}) {
    EXPECT_EQ(other.next(), expected);
  }
}

TEST(Random, BelowReachesEveryValueAndNeverTheBound) {
  Random random(1);
  for (const std::uint64_t bound : {1u, 2u, 3u, 7u, 8u, 9u, 100u}) {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 5000; ++i) seen.insert(random.below(bound));
    EXPECT_EQ(seen.size(), bound);
    EXPECT_LT(*seen.rbegin(), bound);
  }
}

TEST(Random, BelowTakesTheLargestBound) {
  constexpr std::uint64_t kBound = std::numeric_limits<std::uint64_t>::max();
  Random random(1);
  std::uint64_t highest = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t drawn = random.below(kBound);
    EXPECT_LT(drawn, kBound);
    highest = std::max(highest, drawn);
  }
  EXPECT_GT(highest, kBound / 2);
}

TEST(Random, BelowIsUniform) {
  constexpr int kDraws = 60'000;
  Random random(5);
  std::array<int, 6> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(counts.size())];
  // Ten standard deviations (91 each) around the mean; the seed is fixed, so this never flickers.
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, 910);
}

TEST(Random, OneInIsTrueAsOftenAsItSays) {
  Random random(9);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.one_in(10) ? 1 : 0;
  EXPECT_NEAR(hits, 1000, 150);
  EXPECT_TRUE(random.one_in(1));
}

TEST(RandomDeathTest, BelowRefusesABoundOfZero) {
  Random random(1);
  EXPECT_DEATH(random.below(0), "CHECK failed: bound > 0");
}

TEST(SecureRandom, GivesAsManyBytesAsAskedAndNotTheSameTwice) {
  EXPECT_TRUE(secure_random_bytes(0).empty());
  const std::string a = secure_random_bytes(32);
  const std::string b = secure_random_bytes(32);
  EXPECT_EQ(a.size(), 32u);
  EXPECT_NE(a, b);
  EXPECT_NE(random_seed(), random_seed());
  // More than one getrandom call is sure to give at once (256 bytes).
  const std::string large = secure_random_bytes(100'000);
  EXPECT_EQ(std::set<char>(large.begin(), large.end()).size(), 256u);
}

}  // namespace
}  // namespace ferry
