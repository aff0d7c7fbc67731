#include "dispatch/initializations.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

using Phase = Initialization::Phase;

const TimePoint kNow = from_unix_ms(1'700'000'000'000);

std::string endpoint(std::size_t n) { return "http://f" + std::to_string(n); }

TEST(Initializations, AreKnownByTheirEndpoint) {
  Initializations known;
  known.use("a", kNow)->phase = Phase::kDone;
  EXPECT_EQ(known.use("a", kNow)->phase, Phase::kDone);
  EXPECT_EQ(known.use("b", kNow)->phase, Phase::kNot);
  EXPECT_EQ(known.size(), 2u);
}

TEST(Initializations, AreForgottenWhenUnusedForLong) {
  Initializations known;
  known.use("a", kNow)->phase = Phase::kDone;
  known.use("b", kNow)->phase = Phase::kDone;
  const TimePoint later = kNow + Initializations::kKept;
  EXPECT_EQ(known.use("a", later - Duration(1))->phase, Phase::kDone);
  EXPECT_EQ(known.use("b", later)->phase, Phase::kNot);
  EXPECT_EQ(known.use("a", later)->phase, Phase::kDone);
}

TEST(Initializations, TheLeastRecentlyUsedGoesWhenThereAreTooMany) {
  Initializations known;
  for (std::size_t n = 0; n < Initializations::kMost; ++n) {
    known.use(endpoint(n), kNow)->phase = Phase::kDone;
  }
  known.use(endpoint(0), kNow);
  for (std::size_t n = 0; n < 100; ++n) known.use("http://new" + std::to_string(n), kNow);
  EXPECT_EQ(known.size(), Initializations::kMost);
  EXPECT_EQ(known.use(endpoint(0), kNow)->phase, Phase::kDone);
  EXPECT_EQ(known.use(endpoint(1), kNow)->phase, Phase::kNot);
}

TEST(Initializations, ThoseThatRunAreKept) {
  Initializations known;
  const auto running = known.use("running", kNow);
  running->phase = Phase::kRunning;
  for (std::size_t n = 0; n < Initializations::kMost + 10; ++n) known.use(endpoint(n), kNow);
  EXPECT_EQ(known.use("running", kNow + 2 * Initializations::kKept), running);
}

}  // namespace
}  // namespace ferry::dispatch
