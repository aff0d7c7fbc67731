#include "dispatch/senders/json_answer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace ferry::dispatch {
namespace {

TEST(JsonAnswer, IsReadByPathsThroughObjectsAndFirstElements) {
  const JsonAnswer answer(R"({"a":"x","n":3,"q":"-4","l":[{"b":{"c":"y"}},{"b":1}],"e":[]})");
  EXPECT_EQ(answer.text("a"), "x");
  EXPECT_EQ(answer.text("l/b/c"), "y");
  EXPECT_EQ(answer.integer("n"), 3);
  EXPECT_EQ(answer.integer("q"), -4);
}

TEST(JsonAnswer, HasNothingWhereAnotherKindIsOrNone) {
  const JsonAnswer answer(R"({"a":"x","n":3,"f":1.5,"e":[],"s":""})");
  for (const char* path : {"b", "n", "e", "e/x", "a/b", "n/b"}) EXPECT_EQ(answer.text(path), "");
  for (const char* path : {"a", "b", "f", "e", "s"}) EXPECT_EQ(answer.integer(path), std::nullopt);
}

TEST(JsonAnswer, HasNoIntegerThatDoesNotFit) {
  const JsonAnswer answer(
      R"({"a":9223372036854775807,"b":9223372036854775808,"c":18446744073709551617,"d":1e300,)"
      R"("e":"9223372036854775807","f":"9223372036854775808","g":"-9223372036854775809"})");
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (const char* path : {"a", "e"}) EXPECT_EQ(answer.integer(path), kMax) << path;
  for (const char* path : {"b", "c", "d", "f", "g"})
    EXPECT_EQ(answer.integer(path), std::nullopt) << path;
}

TEST(JsonAnswer, OfAnotherTextHasNothing) {
  for (const char* text : {"", "<html>", "[", "3", "null", "[[1]]", "{\"a\":\"x\"} more"}) {
    EXPECT_EQ(JsonAnswer(text).text("a"), "") << text;
    EXPECT_EQ(JsonAnswer(text).integer("a"), std::nullopt) << text;
  }
}

TEST(JsonAnswer, SurvivesDepth) { EXPECT_EQ(JsonAnswer(std::string(100'000, '[')).text("a"), ""); }

}  // namespace
}  // namespace ferry::dispatch
