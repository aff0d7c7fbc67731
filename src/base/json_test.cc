#include "base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace ferry {
namespace {

TEST(Json, AValueIsWrittenAgainAsItWas) {
  const std::string text = R"({"a":[1,-2,0.5,"x\"\u00e9",true,null],"b":{}})";
  const auto document = JsonDocument::parse(text);
  ASSERT_TRUE(document);
  const auto again = JsonDocument::parse(document->root().to_json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->root().to_json(), document->root().to_json());
  EXPECT_EQ(document->root().find("b")->to_json(), "{}");
  EXPECT_EQ(document->root().find("a")->element(1).to_json(), "-2");
}

TEST(Json, ValuesAreReadByKind) {
  const auto document =
      JsonDocument::parse(R"({"t":"a\u0000b","n":7,"f":1.5,"b":true,"z":null,"a":[1,"x"],"o":{}})");
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  EXPECT_EQ(root.kind(), JsonKind::kObject);
  EXPECT_EQ(root.size(), 7u);
  EXPECT_EQ(root.find("t")->text(), std::string_view("a\0b", 3));
  EXPECT_EQ(root.find("n")->integer(), 7);
  EXPECT_FALSE(root.find("f")->integer());
  EXPECT_EQ(root.find("f")->kind(), JsonKind::kNumber);
  EXPECT_EQ(root.find("b")->kind(), JsonKind::kBool);
  EXPECT_EQ(root.find("b")->flag(), true);
  EXPECT_FALSE(root.find("n")->flag());
  EXPECT_TRUE(root.find("z")->is_null());
  EXPECT_EQ(root.find("a")->element(1).text(), "x");
  EXPECT_EQ(root.find("o")->size(), 0u);
  EXPECT_FALSE(root.find("missing"));
  EXPECT_FALSE(root.find("n")->text());
  EXPECT_FALSE(root.find("a")->find("x"));
}

TEST(Json, MembersKeepTheirOrder) {
  const auto document = JsonDocument::parse(R"({"b":1,"a":2})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().member(0).name, "b");
  EXPECT_EQ(document->root().member(1).value.integer(), 2);
}

TEST(Json, AnythingButStrictJsonIsRefused) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "// c\n1", "'a'", "nan", "1 2",
                           "\"\xff\"", "{\"a\" 1}", "01"}) {
    const auto document = JsonDocument::parse(text);
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().code, ErrorCode::kInvalidBody);
    EXPECT_TRUE(document.error().text.starts_with("invalid JSON body: ")) << document.error().text;
  }
}

TEST(Json, NestingEndsAt32Levels) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(JsonDocument::parse(nested(32)));
  EXPECT_FALSE(JsonDocument::parse(nested(33)));
}

TEST(Json, DocumentsOutliveAMove) {
  auto document = JsonDocument::parse(R"({"a":"a text that is longer than small strings are"})");
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  const JsonDocument moved = std::move(*document);
  EXPECT_EQ(root.find("a")->text(), "a text that is longer than small strings are");
}

}  // namespace
}  // namespace ferry
