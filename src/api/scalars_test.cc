#include "api/scalars.h"

#include <gtest/gtest.h>

#include "domain/limits.h"

namespace ferry::api {
namespace {

TEST(Scalars, IntegersAreDigitsWithBlanksAround) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer(" 42\t"), 42);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
  for (const char* text :
       {"", " ", "-1", "+1", "1.5", "1e3", "0x1", "1 2", "9223372036854775808"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(Scalars, SignedIntegersMayBeNegative) {
  EXPECT_EQ(parse_signed_integer("-1"), -1);
  EXPECT_EQ(parse_signed_integer("7"), 7);
  EXPECT_FALSE(parse_signed_integer("--1"));
  EXPECT_FALSE(parse_signed_integer(""));
}

TEST(Scalars, BoolsComeInFourSpellingsAndAnyCase) {
  for (const char* text : {"true", "True", "TRUE", "1", " true "}) {
    EXPECT_EQ(parse_bool(text), true) << text;
  }
  for (const char* text : {"false", "False", "0"}) EXPECT_EQ(parse_bool(text), false) << text;
  for (const char* text : {"", "yes", "2", "truee"}) EXPECT_FALSE(parse_bool(text)) << text;
}

TEST(Scalars, NamesHaveLettersDigitsDotsDashesAndUnderscores) {
  EXPECT_TRUE(is_name("My-queue_1.x"));
  for (const char* text : {"", "a b", "a/b", "a:b", "ä"}) EXPECT_FALSE(is_name(text)) << text;
}

TEST(Scalars, NamesEndAtTheirLimit) {
  EXPECT_TRUE(is_name(std::string(limits::kNameBytesMax, 'a')));
  EXPECT_FALSE(is_name(std::string(limits::kNameBytesMax + 1, 'a')));
}

TEST(Scalars, ListsDropEmptyItemsAndTrimTheOthers) {
  using Items = std::vector<std::string_view>;
  EXPECT_EQ(split_list("a, b ,,c,"), (Items{"a", "b", "c"}));
  EXPECT_EQ(split_list(" , ,"), Items{});
  EXPECT_EQ(split_list(""), Items{});
}

}  // namespace
}  // namespace ferry::api
