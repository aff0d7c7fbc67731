#include "app/cli/development_flags.h"

#include <gtest/gtest.h>

namespace ferry::app::cli {
namespace {

using Texts = std::vector<std::string>;

TEST(DevelopmentFlags, OneDashBecomesTwo) {
  EXPECT_EQ(
      rewrite_development_flags({"dev", "-port", "8081", "-log-port", "8082", "-quota", "pro"}),
      (Texts{"dev", "--port", "8081", "--log-port", "8082", "--quota", "pro"}));
}

TEST(DevelopmentFlags, AValueBehindEqualsStays) {
  EXPECT_EQ(rewrite_development_flags({"dev", "-port=8081", "-quota=payg"}),
            (Texts{"dev", "--port=8081", "--quota=payg"}));
}

TEST(DevelopmentFlags, EverythingElseStaysAsItIs) {
  const Texts others{"dev", "--port", "8081", "-p", "-ports", "-port2=1", "port", "-", "", "--"};
  EXPECT_EQ(rewrite_development_flags(others), others);
}

}  // namespace
}  // namespace ferry::app::cli
