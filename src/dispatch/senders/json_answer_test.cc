#include "dispatch/senders/json_answer.h"

#include <gtest/gtest.h>

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

TEST(JsonAnswer, OfAnotherTextHasNothing) {
  for (const char* text : {"", "<html>", "[", "3", "null", "[[1]]", "{\"a\":\"x\"} more"}) {
    EXPECT_EQ(JsonAnswer(text).text("a"), "") << text;
    EXPECT_EQ(JsonAnswer(text).integer("a"), std::nullopt) << text;
  }
}

TEST(JsonAnswer, SurvivesDepth) { EXPECT_EQ(JsonAnswer(std::string(100'000, '[')).text("a"), ""); }

}  // namespace
}  // namespace ferry::dispatch
