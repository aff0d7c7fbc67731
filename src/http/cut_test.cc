#include "http/cut.h"

#include <gtest/gtest.h>

#include <memory>

namespace ferry::http {
namespace {

TEST(Cut, EndsEveryPointOnce) {
  Cut cut;
  int ended = 0;
  CutPoint first([&] { ++ended; });
  CutPoint second([&] { ++ended; });
  cut.add(first);
  cut.add(second);
  EXPECT_FALSE(cut.is_cut());
  cut.cut();
  cut.cut();
  EXPECT_TRUE(cut.is_cut());
  EXPECT_EQ(ended, 2);
}

TEST(Cut, EndsWhatIsAddedLaterAtOnce) {
  Cut cut;
  cut.cut();
  bool ended = false;
  CutPoint late([&] { ended = true; });
  cut.add(late);
  EXPECT_TRUE(ended);
}

TEST(Cut, LeavesOutWhatEndedByItself) {
  Cut cut;
  int ended = 0;
  CutPoint stays([&] { ++ended; });
  auto goes = std::make_unique<CutPoint>([&] { ended += 10; });
  cut.add(*goes);
  cut.add(stays);
  goes.reset();
  cut.cut();
  EXPECT_EQ(ended, 1);
}

TEST(Cut, APointMayTakeAnotherAwayWhileItEnds) {
  Cut cut;
  auto second = std::make_unique<CutPoint>([] { FAIL() << "it is gone"; });
  CutPoint first([&] { second.reset(); });
  cut.add(first);
  cut.add(*second);
  cut.cut();
}

}  // namespace
}  // namespace ferry::http
