#include "base/json_parser.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ferry {
namespace {

Result<JsonDocument> parse_in_pieces(std::string_view text, std::size_t bytes) {
  JsonParser parser;
  for (std::size_t at = 0; at < text.size(); at += bytes) {
    RETURN_IF_ERROR(parser.feed(text.substr(at, bytes)));
  }
  return parser.finish();
}

std::string error_of(std::string_view text, JsonLimits limits = {}) {
  const auto document = JsonDocument::parse(text, limits);
  return document ? "no error" : document.error().text;
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) {
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + std::to_string(i);
  }
  return text + "}";
}

std::int64_t cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);  // tree: allow, of the test itself
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

TEST(JsonParser, ATextIsReadTheSameHoweverItIsCut) {
  for (const std::string_view text :
       {R"( {"a\u00e9\n":[1,-2.5e3,true,false,null,"\ud83d\ude00x"],"b":{"c":""}} )", "12", "-0.5",
        "\"x\"", "[]", "{}", " null ", "[[[]],{}]", R"({"a":1,"a":2})"}) {
    const auto whole = JsonDocument::parse(text);
    ASSERT_TRUE(whole) << text << ": " << whole.error().text;
    for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
      const auto pieces = parse_in_pieces(text, bytes);
      ASSERT_TRUE(pieces) << text << " in pieces of " << bytes;
      EXPECT_EQ(pieces->root().to_json(), whole->root().to_json());
    }
  }
}

TEST(JsonParser, WhatIsWrongIsWrongHoweverItIsCut) {
  for (const std::string_view text : {"", " ", "[1", "1 2", "{\"a\":1}x", "[1,]", "\"\xff\"", "01",
                                      "tru", "{\"a\"}", "\"\\u12\""}) {
    EXPECT_FALSE(JsonDocument::parse(text)) << text;
    for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
      EXPECT_FALSE(parse_in_pieces(text, bytes)) << text << " in pieces of " << bytes;
    }
  }
}

TEST(JsonParser, NumbersAndOrderAreKeptAsTheyWereWritten) {
  const std::string text = R"({"b":0.50,"a":1E3,"c":-0,"d":18446744073709551616})";
  EXPECT_EQ(JsonDocument::parse(text)->root().to_json(), text);
  EXPECT_FALSE(JsonDocument::parse("18446744073709551616")->root().integer());
  EXPECT_EQ(JsonDocument::parse("-9223372036854775808")->root().integer(),
            std::numeric_limits<std::int64_t>::min());
}

TEST(JsonParser, AnObjectHasAtMostAThousandMembers) {
  const auto most = JsonDocument::parse(object_of(1'000));
  ASSERT_TRUE(most);
  EXPECT_EQ(most->root().find("999")->integer(), 999);
  EXPECT_FALSE(most->root().find("1000"));
  EXPECT_EQ(error_of(object_of(1'001)), "invalid JSON body: an object has more than 1000 members");
}

TEST(JsonParser, TheValuesOfATextEndAtTheirLimit) {
  EXPECT_EQ(error_of("[1,2,3]", {.values_max = 4}), "no error");
  EXPECT_EQ(error_of("[1,2,3,4]", {.values_max = 4}), "invalid JSON body: more than 4 values");
}

TEST(JsonParser, TheTextsOfADocumentEndAtTheirLimit) {
  EXPECT_EQ(error_of(R"({"ab":"cd"})", {.text_bytes_max = 4}), "no error");
  const auto larger = JsonDocument::parse(R"({"ab":"cde"})", {.text_bytes_max = 4});
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, ErrorCode::kTooLarge);
}

TEST(JsonParser, OfMembersOfOneNameTheLastCountsInThePlaceOfTheFirst) {
  EXPECT_EQ(JsonDocument::parse(R"({"a":1,"b":2,"a":3})")->root().to_json(), R"({"a":3,"b":2})");
  std::string many = object_of(20);
  many.pop_back();
  const auto document = JsonDocument::parse(many + R"(,"7":"x","7":"y"})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().size(), 20u);
  EXPECT_EQ(document->root().find("7")->text(), "y");
  EXPECT_EQ(document->root().member(7).value.text(), "y");
  EXPECT_EQ(document->root().find("19")->integer(), 19);
}

// Names that Boost's own objects put into one bucket took 6.5 s in 720 KB.
TEST(JsonParser, NamesAlikeTakeTimeByTheirBytesAlone) {
  const std::string beginning(600, 'n');
  std::string text = "{";
  for (int i = 0; i < 1'000; ++i) {
    text += (i == 0 ? "\"" : ",\"") + beginning + std::to_string(i) + "\":0";
  }
  text += "}";
  const std::int64_t before = cpu_us();
  const auto document = JsonDocument::parse(text);
  ASSERT_TRUE(document);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(document->root().find(beginning + std::to_string(i)));
  }
  EXPECT_LT(cpu_us() - before, 200'000) << "of 0.6 MB; sanitizers take ten times what it takes";
}

TEST(JsonParser, ElementsAreGivenAsTheyEnd) {
  std::vector<std::string> elements;
  JsonParser parser([&](const JsonValue& element) -> Result<void> {
    elements.push_back(element.to_json());
    return {};
  });
  ASSERT_TRUE(parser.feed(R"([1,{"a":[1,2]},)"));
  EXPECT_EQ(elements, (std::vector<std::string>{"1", R"({"a":[1,2]})"}));
  ASSERT_TRUE(parser.feed(R"([[3]],"x"])"));
  ASSERT_TRUE(parser.finish());
  EXPECT_EQ(elements, (std::vector<std::string>{"1", R"({"a":[1,2]})", "[[3]]", "\"x\""}));
}

TEST(JsonParser, AnErrorAboutAnElementEndsTheReading) {
  int taken = 0;
  JsonParser parser([&](const JsonValue&) -> Result<void> {
    ++taken;
    return fail(ErrorCode::kInvalidBody, "not this one");
  });
  const auto fed = parser.feed("[1,1,1,1]");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().text, "not this one");
  EXPECT_EQ(taken, 1);
}

TEST(JsonParser, WhatIsNoArrayHasNoElements) {
  for (const std::string_view text : {"{", "1 ", "\"x\"", "null"}) {
    JsonParser parser([](const JsonValue&) -> Result<void> {
      ADD_FAILURE();
      return {};
    });
    EXPECT_FALSE(parser.feed(text) && parser.finish()) << text;
  }
}

TEST(JsonParser, TheLimitsHoldForEachElement) {
  JsonParser parser([](const JsonValue&) -> Result<void> { return {}; }, {.values_max = 3});
  EXPECT_TRUE(parser.feed("[[1,2],[1,2],[1,2],1,1,1"));
  const auto fed = parser.feed(",[1,2,3]");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().text, "invalid JSON body: more than 3 values");
}

}  // namespace
}  // namespace ferry
