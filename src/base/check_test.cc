#include "base/check.h"

#include <gtest/gtest.h>

#include "base/log.h"

namespace ferry {
namespace {

TEST(Check, EvaluatesItsConditionOnce) {
  int calls = 0;
  CHECK(++calls == 1);
  EXPECT_EQ(calls, 1);
}

TEST(Check, IsOneStatement) {
  bool reached = false;
  if (reached)
    CHECK(false);
  else
    reached = true;
  EXPECT_TRUE(reached);
}

TEST(CheckDeathTest, NamesTheConditionAndItsPlace) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3 at .*check_test\\.cc:[0-9]+");
}

TEST(CheckDeathTest, WritesOutTheLogBeforeItAborts) {
  const auto log_and_fail = [] {
    log::info("the_line_before", {{"cause", "known"}});
    CHECK(false);
  };
  EXPECT_DEATH(log_and_fail(), "the_line_before.*known");
}

}  // namespace
}  // namespace ferry
