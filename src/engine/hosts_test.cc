#include "engine/hosts.h"

#include <gtest/gtest.h>

namespace ferry::engine {
namespace {

constexpr LaneId kA = 11;

class HostsTest : public ::testing::Test {
 protected:
  // Starts as many as may start, and returns how many that were.
  int start_all() {
    int started = 0;
    while (hosts_.has_room(hosts_.at(kA), now_)) {
      hosts_.started(hosts_.at(kA), now_, false);
      ++started;
    }
    return started;
  }
  void end(int count, AttemptEnd end) {
    for (int i = 0; i < count; ++i) hosts_.ended(kA, hosts_.at(kA), now_, end, false);
  }

  TimePoint now_ = from_unix_ms(1'000'000);
  Hosts hosts_{1'000, 1'000};
};

TEST_F(HostsTest, AHostThatNothingIsKnownOfBeginsWithSixteen) { EXPECT_EQ(start_all(), 16); }

TEST_F(HostsTest, ItsNumberDoublesWithQuickAnswersUpToAllSlots) {
  for (int expected : {16, 32, 64, 128, 256, 512, 1'000, 1'000}) {
    ASSERT_EQ(start_all(), expected);
    end(expected, AttemptEnd::kQuickAnswer);
  }
}

TEST_F(HostsTest, ItGrowsNoFurtherThanItIsUsed) {
  for (int i = 0; i < 100; ++i) {
    hosts_.started(hosts_.at(kA), now_, false);
    end(1, AttemptEnd::kQuickAnswer);
  }
  EXPECT_EQ(start_all(), 16);
}

TEST_F(HostsTest, SlowAnswersLetItGrowToTheShareOfAnAddress) {
  int started = 0;
  for (int i = 0; i < 10; ++i) {
    started = start_all();
    end(started, AttemptEnd::kSlowAnswer);
  }
  EXPECT_EQ(started, 125);
}

TEST_F(HostsTest, FailuresWithoutAnAnswerProveNothing) {
  end(start_all(), AttemptEnd::kNoAnswer);
  EXPECT_FALSE(Hosts::is_proved(hosts_.at(kA), now_));
  EXPECT_EQ(start_all(), 16);
}

TEST_F(HostsTest, AQuickAnswerSpeaksForItForAWhile) {
  hosts_.started(hosts_.at(kA), now_, true);
  end(1, AttemptEnd::kQuickAnswer);
  EXPECT_TRUE(Hosts::is_proved(hosts_.at(kA), now_ + kAnswerCounts - Duration(1)));
  EXPECT_FALSE(Hosts::is_proved(hosts_.at(kA), now_ + kAnswerCounts));
}

TEST_F(HostsTest, AHostThatWasNotUsedForAWhileBeginsAgain) {
  for (int i = 0; i < 3; ++i) end(start_all(), AttemptEnd::kQuickAnswer);
  now_ += kAnswerCounts;
  EXPECT_EQ(start_all(), 16);
}

TEST_F(HostsTest, AreForgottenWhenTheyAreNotUsed) {
  end(start_all(), AttemptEnd::kQuickAnswer);
  hosts_.forget_unused(now_ + kAnswerCounts - Duration(1));
  EXPECT_EQ(hosts_.size(), 1u);
  hosts_.forget_unused(now_ + kAnswerCounts);
  EXPECT_EQ(hosts_.size(), 0u);
}

TEST_F(HostsTest, AreKeptWhileAttemptsRunAndForgottenAfterThose) {
  end(start_all(), AttemptEnd::kQuickAnswer);
  hosts_.started(hosts_.at(kA), now_, false);
  hosts_.forget_unused(now_ + kAnswerCounts);
  EXPECT_EQ(hosts_.size(), 1u);
  now_ += std::chrono::hours(1);
  end(1, AttemptEnd::kNoAnswer);
  hosts_.forget_unused(now_ + kAnswerCounts);
  EXPECT_EQ(hosts_.size(), 0u);
}

TEST_F(HostsTest, ManyHostsAreForgottenEarly) {
  for (LaneId id = 1; id <= 30'000; ++id) {
    hosts_.started(hosts_.at(id), now_, false);
    hosts_.ended(id, hosts_.at(id), now_, AttemptEnd::kNoAnswer, false);
  }
  hosts_.forget_unused(now_);
  EXPECT_LE(hosts_.size(), 20'000u);
}

TEST_F(HostsTest, ALimitOfItsOwnHolds) {
  Hosts hosts(1'000, 5);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(hosts.has_room(hosts.at(kA), now_));
    hosts.started(hosts.at(kA), now_, false);
  }
  EXPECT_FALSE(hosts.has_room(hosts.at(kA), now_));
}

}  // namespace
}  // namespace ferry::engine
