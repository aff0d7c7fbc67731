#include "api/query.h"

#include <gtest/gtest.h>

namespace ferry::api {
namespace {

TEST(Query, TargetsAreCutAtTheFirstQuestionMark) {
  EXPECT_EQ(path_of("/a?b?c"), "/a");
  EXPECT_EQ(query_of("/a?b?c"), "b?c");
  EXPECT_EQ(path_of("/a"), "/a");
  EXPECT_EQ(query_of("/a"), "");
  EXPECT_EQ(query_of("/a?"), "");
}

TEST(Query, PairsAreDecodedInOrderAndMayRepeat) {
  const std::vector<QueryParameter> expected = {{"a", "1 2"}, {"a", "x=y"}, {"b c", ""}, {"d", ""}};
  EXPECT_EQ(parse_query("a=1+2&a=x=y&&b%20c&d="), expected);
}

TEST(Query, TokenAndOptionsAreKnownInAnyCase) {
  EXPECT_TRUE(is_token_parameter("QStash_Token"));
  EXPECT_FALSE(is_token_parameter("qstash_token2"));
  EXPECT_TRUE(is_option_parameter("Upstash-Delay"));
  EXPECT_FALSE(is_option_parameter("upstash"));
}

}  // namespace
}  // namespace ferry::api
