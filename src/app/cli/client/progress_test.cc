#include "app/cli/client/progress.h"

#include <gtest/gtest.h>

namespace ferry::app::cli {
namespace {

TEST(Progress, OfAKnownLengthIsABar) {
  EXPECT_EQ(progress_line(0, 10, "retried"), "[------------------------------] 0 of 10 retried");
  EXPECT_EQ(progress_line(5, 10, "retried"), "[###############---------------] 5 of 10 retried");
  EXPECT_EQ(progress_line(10, 10, "retried"), "[##############################] 10 of 10 retried");
}

TEST(Progress, NeverLeavesItsBar) {
  EXPECT_EQ(progress_line(20, 10, "x"), "[##############################] 20 of 10 x");
  EXPECT_EQ(progress_line(0, 0, "x"), "[##############################] 0 of 0 x");
}

TEST(Progress, OfAnUnknownLengthIsACount) {
  EXPECT_EQ(progress_line(300, std::nullopt, "retried"), "300 retried");
}

}  // namespace
}  // namespace ferry::app::cli
