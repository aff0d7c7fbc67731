#include "dispatch/own_lack_pause.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

using engine::NotStartedReason;

constexpr NotStartedReason kReason = NotStartedReason::kDescriptors;

Duration pause_at(OwnLackPause& pause, TimePoint now) {
  return pause.end_after(kReason, now) - now;
}

TEST(OwnLackPause, GrowsWhileTheLackLastsUpToFiveSeconds) {
  OwnLackPause pause(1);
  TimePoint now = from_unix_ms(1'000'000);
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    const Duration wait = pause_at(pause, now);
    EXPECT_GE(wait, Duration{expected});
    EXPECT_LE(wait, Duration{expected + expected / 2});
    now += wait;
  }
}

TEST(OwnLackPause, AttemptsOfOnePauseDoNotDrawItOut) {
  OwnLackPause pause(1);
  const TimePoint now = from_unix_ms(1'000'000);
  for (int i = 0; i < 300; ++i) EXPECT_LE(pause_at(pause, now + Duration{i / 10}), Duration{150});
}

TEST(OwnLackPause, BeginsAnewAfterTheLackWasOver) {
  OwnLackPause pause(1);
  TimePoint now = from_unix_ms(1'000'000);
  for (int i = 0; i < 8; ++i) now += pause_at(pause, now);
  EXPECT_LE(pause_at(pause, now + Duration{60'000}), Duration{150});
}

TEST(OwnLackPause, BeginsAnewWhenAnAttemptHasEnded) {
  OwnLackPause pause(1);
  TimePoint now = from_unix_ms(1'000'000);
  for (int i = 0; i < 8; ++i) now += pause_at(pause, now);
  pause.note_end();
  EXPECT_LE(pause_at(pause, now), Duration{150});
}

TEST(OwnLackPause, OneLackSaysNothingOfAnother) {
  OwnLackPause pause(1);
  TimePoint now = from_unix_ms(1'000'000);
  for (int i = 0; i < 8; ++i) now += pause_at(pause, now);
  EXPECT_LE(pause.end_after(NotStartedReason::kResolver, now) - now, Duration{150});
}

}  // namespace
}  // namespace ferry::dispatch
