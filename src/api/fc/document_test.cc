// Keeps docs/function-compute.md true: every path and every error code stands in it.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "api/fc/faults.h"
#include "api/fc/routes.h"

namespace ferry::api::fc {
namespace {

std::string document() {
  std::ifstream file(FERRY_DOCS_DIR "/function-compute.md");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

TEST(FunctionDocument, NamesEveryRoute) {
  const std::string text = document();
  for (const Route& route : routes()) {
    const std::string called =
        "`" + std::string(route.method) + " " + std::string(route.pattern) + "`";
    EXPECT_TRUE(text.contains(called)) << called;
  }
}

TEST(FunctionDocument, NamesEveryErrorCodeWithItsStatus) {
  const std::string text = document();
  for (int code = 0; code <= static_cast<int>(FaultCode::kUnavailable); ++code) {
    const FaultInfo& info = fault_info(static_cast<FaultCode>(code));
    const std::string row =
        "| " + std::to_string(info.status) + " | `" + std::string(info.name) + "` |";
    EXPECT_TRUE(text.contains(row)) << row;
  }
}

}  // namespace
}  // namespace ferry::api::fc
