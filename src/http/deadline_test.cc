#include "http/deadline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ferry::http {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::hours;
using std::chrono::milliseconds;

struct DeadlineWheelTest : testing::Test {
  void run() {
    io.restart();
    io.run();
  }

  asio::io_context io;
  DeadlineWheel wheel{io};
};

TEST_F(DeadlineWheelTest, ADeadlineIsNeverEarlyAndExpiresOnce) {
  int calls = 0;
  Clock::time_point called_at{};
  Deadline deadline([&] {
    ++calls;
    called_at = Clock::now();
  });
  const auto at = Clock::now() + milliseconds(30);
  wheel.arm(deadline, at);
  EXPECT_TRUE(deadline.armed());
  run();
  EXPECT_EQ(calls, 1);
  EXPECT_GE(called_at, at);
  EXPECT_FALSE(deadline.armed());
}

TEST_F(DeadlineWheelTest, TheyExpireInTheOrderOfTheirMoments) {
  std::string order;
  Deadline late([&] { order += "late "; });
  Deadline early([&] { order += "early "; });
  Deadline middle([&] { order += "middle "; });
  const auto now = Clock::now();
  wheel.arm(late, now + milliseconds(60));
  wheel.arm(early, now + milliseconds(5));
  wheel.arm(middle, now + milliseconds(30));
  run();
  EXPECT_EQ(order, "early middle late ");
}

TEST_F(DeadlineWheelTest, ADisarmedOrEndedDeadlineIsNotCalled) {
  int calls = 0;
  Deadline disarmed([&] { ++calls; });
  Deadline last([&] { calls += 10; });
  {
    Deadline ended([&] { ++calls; });
    wheel.arm(ended, Clock::now());
  }
  wheel.arm(disarmed, Clock::now());
  wheel.arm(last, Clock::now() + milliseconds(20));
  disarmed.disarm();
  run();
  EXPECT_EQ(calls, 10);
}

TEST_F(DeadlineWheelTest, ArmingAgainReplacesTheMoment) {
  int calls = 0;
  Deadline deadline([&] { ++calls; });
  const auto at = Clock::now() + milliseconds(40);
  wheel.arm(deadline, Clock::now());
  wheel.arm(deadline, at);
  run();
  EXPECT_EQ(calls, 1);
  EXPECT_GE(Clock::now(), at);
}

TEST_F(DeadlineWheelTest, WhatExpiresMayDisarmAndArmOthers) {
  std::string order;
  Deadline victim([&] { order += "victim "; });
  Deadline next([&] { order += "next "; });
  Deadline first([&] {
    order += "first ";
    victim.disarm();
    wheel.arm(next, Clock::now());
  });
  const auto at = Clock::now() + milliseconds(10);
  wheel.arm(first, at);
  wheel.arm(victim, at);
  run();
  EXPECT_EQ(order, "first next ");
}

TEST_F(DeadlineWheelTest, AMomentThatHasPassedExpiresInTheNextTurn) {
  int calls = 0;
  Deadline deadline([&] { ++calls; });
  wheel.arm(deadline, Clock::now() - hours(1));
  EXPECT_EQ(calls, 0);
  run();
  EXPECT_EQ(calls, 1);
}

// The far one shares the slot of a near one and is passed over.
TEST_F(DeadlineWheelTest, ADeadlineBeyondOneTurnOfTheWheelWaits) {
  int near_calls = 0;
  int far_calls = 0;
  Deadline far([&] { ++far_calls; });
  Deadline near([&] {
    ++near_calls;
    wheel.stop();
  });
  const auto at = Clock::now() + milliseconds(20);
  wheel.arm(far, at + milliseconds(8) * 1024);
  wheel.arm(near, at);
  run();
  EXPECT_EQ(near_calls, 1);
  EXPECT_EQ(far_calls, 0);
  EXPECT_TRUE(far.armed());
}

TEST_F(DeadlineWheelTest, StoppingLetsTheLoopEnd) {
  int calls = 0;
  Deadline deadline([&] { ++calls; });
  wheel.arm(deadline, Clock::now() + hours(2));
  wheel.stop();
  run();
  EXPECT_EQ(calls, 0);
}

TEST(DeadlineWheel, MayEndWhileItsTimerWaits) {
  asio::io_context io;
  int calls = 0;
  Deadline deadline([&] { ++calls; });
  {
    DeadlineWheel wheel(io);
    wheel.arm(deadline, Clock::now());
  }
  io.run();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace ferry::http
