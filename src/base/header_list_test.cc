#include "base/header_list.h"

#include <gtest/gtest.h>

#include <string>

namespace ferry {
namespace {

TEST(HeaderList, FindsRegardlessOfCase) {
  const HeaderList headers = {{"Content-Type", "text/plain"}};
  ASSERT_NE(headers.find("content-TYPE"), nullptr);
  EXPECT_EQ(*headers.find("content-TYPE"), "text/plain");
  EXPECT_FALSE(headers.contains("Content-Typ"));
  EXPECT_EQ(headers.find(""), nullptr);
}

TEST(HeaderList, TheLastOfRepeatedFieldsWins) {
  const HeaderList headers = {{"upstash-delay", "1s"}, {"X", "y"}, {"Upstash-Delay", "2s"}};
  EXPECT_EQ(*headers.find("Upstash-Delay"), "2s");
}

TEST(HeaderList, AddKeepsOrderAndDuplicates) {
  HeaderList headers;
  headers.add("B", "1");
  headers.add("a", "2");
  headers.add("b", "3");
  EXPECT_EQ(headers, (HeaderList{{"B", "1"}, {"a", "2"}, {"b", "3"}}));
  EXPECT_EQ(headers.size(), 3u);
}

TEST(HeaderList, SetReplacesEveryFieldOfThatName) {
  HeaderList headers = {{"a", "1"}, {"B", "2"}, {"A", "3"}};
  headers.set("A", "4");
  EXPECT_EQ(headers, (HeaderList{{"B", "2"}, {"A", "4"}}));
}

TEST(HeaderList, RemoveTakesEveryFieldOfThatName) {
  HeaderList headers = {{"a", "1"}, {"B", "2"}, {"A", "3"}};
  headers.remove("a");
  EXPECT_EQ(headers, (HeaderList{{"B", "2"}}));
  headers.remove("absent");
  EXPECT_EQ(headers.size(), 1u);
  headers.remove("b");
  EXPECT_TRUE(headers.empty());
}

TEST(HeaderName, CanonicalFormIsGos) {
  EXPECT_EQ(canonical_header_name("x-api-key"), "X-Api-Key");
  EXPECT_EQ(canonical_header_name("CONTENT-TYPE"), "Content-Type");
  EXPECT_EQ(canonical_header_name("etag"), "Etag");
  EXPECT_EQ(canonical_header_name("x--y-"), "X--Y-");
  EXPECT_EQ(canonical_header_name("-a"), "-A");
  EXPECT_EQ(canonical_header_name("x_api_key"), "X_api_key");
  EXPECT_EQ(canonical_header_name("1st-2nd"), "1st-2nd");
}

TEST(HeaderName, WhatIsNoNameIsReturnedUnchanged) {
  EXPECT_EQ(canonical_header_name("x api-key"), "x api-key");
  EXPECT_EQ(canonical_header_name("x-\xC3\xA9"), "x-\xC3\xA9");
  EXPECT_EQ(canonical_header_name(""), "");
}

TEST(HeaderName, IsMadeOfTokenCharacters) {
  EXPECT_TRUE(is_header_name("X-Api_Key.1~"));
  EXPECT_TRUE(is_header_name("!#$%&'*+-.^_`|~"));
  EXPECT_FALSE(is_header_name(""));
  for (const char bad : std::string("\0\t\r\n ()<>@,;:\\\"/[]?={}\x7F\x80\xFF", 25)) {
    EXPECT_FALSE(is_header_name(std::string("X") + bad)) << static_cast<int>(bad);
  }
}

TEST(HeaderValue, AllowsEverythingButControlCharacters) {
  EXPECT_TRUE(is_header_value(""));
  EXPECT_TRUE(is_header_value("a\tb c, \"d\" \xC3\xA9\xFF"));
  for (int c = 0; c < 0x20; ++c) {
    const std::string value = {'a', static_cast<char>(c), 'b'};
    EXPECT_EQ(is_header_value(value), c == '\t') << c;
  }
  EXPECT_FALSE(is_header_value("a\x7F"));
}

}  // namespace
}  // namespace ferry
