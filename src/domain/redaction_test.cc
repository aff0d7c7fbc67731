#include "domain/redaction.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using Names = std::vector<std::string>;

TEST(Redaction, NamesTheBody) {
  EXPECT_EQ(parse_redaction("body"), (Redaction{.body = true, .headers = {}}));
}

TEST(Redaction, HeaderAndHeadersBothMeanAll) {
  for (const std::string_view text : {"header", "headers", "HEADER", " headers "}) {
    EXPECT_EQ(parse_redaction(text), (Redaction{.all_headers = true, .headers = {}})) << text;
  }
}

TEST(Redaction, OneHeaderIsNamedInBracketsInAnyCase) {
  EXPECT_EQ(parse_redaction("header[Authorization]")->headers, Names{"authorization"});
  EXPECT_EQ(parse_redaction("headers[X-Api-Key]")->headers, Names{"x-api-key"});
  EXPECT_EQ(parse_redaction("header[ X-A ]")->headers, Names{"x-a"});
  EXPECT_FALSE(parse_redaction("header[X-A]")->all_headers);
}

TEST(Redaction, ItemsAreSeparatedByCommasWithOrWithoutBlanks) {
  const auto compact = parse_redaction("body,header[A],header[B]");
  EXPECT_EQ(compact, parse_redaction(" body , header[A] ,\theaders[b],"));
  EXPECT_TRUE(compact->body);
  EXPECT_EQ(compact->headers, (Names{"a", "b"}));
}

TEST(Redaction, ANameIsKeptOnce) {
  EXPECT_EQ(parse_redaction("header[A],headers[a],header[B]")->headers, (Names{"a", "b"}));
}

TEST(Redaction, NothingNamedHidesNothing) {
  for (const std::string_view text : {"", " ", ",", " , ,"}) {
    const auto redaction = parse_redaction(text);
    ASSERT_TRUE(redaction) << text;
    EXPECT_FALSE(redaction->any());
  }
}

TEST(Redaction, AnUnknownItemIsRefusedByName) {
  for (const std::string_view text :
       {"bodies", "body header", "header[]", "header[a b]", "header[a", "header]", "[a]", "body[a]",
        "header[a]x", "header[a][b]", "header[a:b]", "body,oops"}) {
    const auto redaction = parse_redaction(text);
    ASSERT_FALSE(redaction) << text;
    EXPECT_EQ(redaction.error().code, ErrorCode::kInvalidHeader);
  }
  EXPECT_EQ(parse_redaction("body, oops").error().text,
            "unknown field 'oops', expected body, header or header[Name]");
}

TEST(Redaction, AHiddenValueIsItsHash) {
  EXPECT_EQ(redacted("secret"),
            "REDACTED:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
  EXPECT_EQ(redacted(""),
            "REDACTED:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Redaction, OnlyTheNamedHeadersAreHidden) {
  const HeaderList headers{{"X-Key", "secret"}, {"X-Open", "seen"}, {"X-Key", "other"}};
  const HeaderList shown = shown_headers(headers, *parse_redaction("header[x-KEY]"));
  EXPECT_EQ(shown,
            (HeaderList{
                {"X-Key", redacted("secret")}, {"X-Open", "seen"}, {"X-Key", redacted("other")}}));
}

TEST(Redaction, AllHeadersKeepTheirNamesAndOrder) {
  const HeaderList headers{{"B", "1"}, {"A", "2"}};
  EXPECT_EQ(shown_headers(headers, *parse_redaction("header")),
            (HeaderList{{"B", redacted("1")}, {"A", redacted("2")}}));
}

TEST(Redaction, OfTheBodyAloneLeavesHeadersAsTheyAre) {
  const HeaderList headers{{"B", "1"}};
  EXPECT_EQ(shown_headers(headers, *parse_redaction("body")), headers);
  EXPECT_EQ(shown_headers({}, *parse_redaction("headers")), HeaderList{});
}

}  // namespace
}  // namespace ferry
