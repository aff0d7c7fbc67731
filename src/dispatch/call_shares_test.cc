#include "dispatch/call_shares.h"

#include <gtest/gtest.h>

#include <vector>

namespace ferry::dispatch {
namespace {

using std::chrono::seconds;

struct CallSharesTest : testing::Test {
  using Places = std::vector<std::unique_ptr<CallShares::Place>>;

  // Whether there was room; the call runs on.
  bool take(std::uint64_t key, const std::string& endpoint) {
    auto place = shares.take(key, endpoint);
    if (!place) {
      EXPECT_EQ(place.error().code, ErrorCode::kShareExhausted);
      return false;
    }
    places.push_back(std::move(*place));
    return true;
  }
  // How many of `count` calls there was room for.
  int take_many(int count, std::uint64_t key, const std::string& endpoint) {
    int taken = 0;
    for (int i = 0; i < count; ++i) taken += take(key, endpoint) ? 1 : 0;
    return taken;
  }
  void answer_all() {
    for (const auto& place : places) place->note_answer();
    places.clear();
  }

  CallShares::SteadyTime now{};
  CallShares shares{80, [this] { return now; }};
  Places places;
};

TEST_F(CallSharesTest, AnEndpointThatHasNotAnsweredHasAnEighth) {
  EXPECT_EQ(take_many(30, 1, "hangs"), 10);
  EXPECT_TRUE(take(1, "other"));
  EXPECT_TRUE(take(2, "another"));
}

TEST_F(CallSharesTest, SlowCallsOfOneKeyHaveAQuarterAndAllOfThemAHalf) {
  for (const char* endpoint : {"a", "b"}) EXPECT_EQ(take_many(30, 1, endpoint), 10);
  EXPECT_FALSE(take(1, "c"));
  for (const char* endpoint : {"d", "e"}) EXPECT_EQ(take_many(30, 2, endpoint), 10);
  EXPECT_FALSE(take(3, "f"));
  places.pop_back();
  EXPECT_TRUE(take(3, "f"));
}

TEST_F(CallSharesTest, CallsOfAQuickEndpointHaveAllThatIsFree) {
  EXPECT_TRUE(take(1, "quick"));
  answer_all();
  EXPECT_EQ(take_many(100, 1, "quick"), 80);
  EXPECT_EQ(shares.running(), 80u);
}

TEST_F(CallSharesTest, CallsOfAQuickEndpointThatStopsToAnswerBecomeSlow) {
  EXPECT_TRUE(take(1, "quick"));
  answer_all();
  EXPECT_EQ(take_many(15, 1, "quick"), 15);
  now += seconds(2);
  EXPECT_FALSE(take(1, "quick"));
  answer_all();
  EXPECT_TRUE(take(1, "quick"));
}

TEST_F(CallSharesTest, AQuickEndpointGoesOnWhenOthersOfItsKeyHang) {
  EXPECT_TRUE(take(1, "quick"));
  answer_all();
  for (const char* endpoint : {"a", "b"}) take_many(30, 1, endpoint);
  EXPECT_FALSE(take(1, "c"));
  EXPECT_TRUE(take(1, "quick"));
}

TEST_F(CallSharesTest, AnEndedCallWithoutAnAnswerIsNoQuickAnswer) {
  EXPECT_TRUE(take(1, "a"));
  places.clear();
  EXPECT_EQ(take_many(30, 1, "a"), 10);
}

TEST_F(CallSharesTest, ManyEndpointsTakeNoPlaceFromThoseThatRun) {
  EXPECT_TRUE(take(1, "runs"));
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(take(1, "once" + std::to_string(i)));
    places.pop_back();
  }
  EXPECT_EQ(shares.running(), 1u);
}

}  // namespace
}  // namespace ferry::dispatch
