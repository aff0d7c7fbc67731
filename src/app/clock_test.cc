#include "app/clock.h"

#include <gtest/gtest.h>

namespace ferry::app {
namespace {

// Clocks that move by hand.
struct Hands {
  std::int64_t steady = 5'000;
  std::int64_t wall = 1'700'000'000'000;

  Clock clock() {
    return Clock({.steady = [this] { return steady; }, .wall = [this] { return wall; }});
  }
  void pass(std::int64_t ms) {
    steady += ms;
    wall += ms;
  }
};

TEST(Clock, StartsAtTheWallTime) {
  Hands hands;
  Clock clock = hands.clock();
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'000'000));
}

TEST(Clock, RunsOnTheSteadyClock) {
  Hands hands;
  Clock clock = hands.clock();
  hands.pass(250);
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'000'250));
}

TEST(Clock, IgnoresAWallThatIsAheadByASecond) {
  Hands hands;
  Clock clock = hands.clock();
  hands.wall += 1'000;
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'000'000));
}

TEST(Clock, FollowsAWallThatIsAheadByMoreThanASecond) {
  Hands hands;
  Clock clock = hands.clock();
  hands.wall += 1'001;
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'001'001));
  hands.pass(10);
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'001'011));
}

TEST(Clock, NeverFollowsAWallThatIsSetBack) {
  Hands hands;
  Clock clock = hands.clock();
  hands.wall -= 3'600'000;
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'000'000));
  hands.pass(5);
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'000'005));
}

TEST(Clock, GoesOnSteadilyWhenAWallThatJumpedAheadIsSetBack) {
  Hands hands;
  Clock clock = hands.clock();
  hands.wall += 60'000;
  ASSERT_EQ(clock.now(), from_unix_ms(1'700'000'060'000));
  hands.wall -= 60'000;
  hands.pass(1);
  EXPECT_EQ(clock.now(), from_unix_ms(1'700'000'060'001));
}

TEST(Clock, OfTheMachineDoesNotRunBack) {
  Clock clock;
  const TimePoint first = clock.now();
  EXPECT_GE(clock.now(), first);
}

}  // namespace
}  // namespace ferry::app
