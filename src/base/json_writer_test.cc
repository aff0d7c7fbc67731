#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/encoding.h"

namespace ferry {
namespace {

using namespace std::string_literals;

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

template <class T>
std::string json_of(const T& value) {
  JsonWriter json;
  json.value(value);
  return std::move(json).take();
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElementsOnly) {
  JsonWriter json;
  json.begin_object()
      .field("a", 1)
      .key("b")
      .begin_array()
      .value("x")
      .value(true)
      .begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .value(2)
      .end_array()
      .field("c", false)
      .end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":["x",true,[],{},2],"c":false})");
}

TEST(JsonWriter, AnEmptyObjectAndArrayHaveNothingInside) {
  EXPECT_EQ(JsonWriter().begin_object().end_object().text(), "{}");
  EXPECT_EQ(JsonWriter().begin_array().end_array().text(), "[]");
}

TEST(JsonWriter, FieldIfLeavesAnEmptyTextOut) {
  JsonWriter json;
  json.begin_object().field_if("a", "").field_if("b", "x").field_if("c", "").end_object();
  EXPECT_EQ(json.text(), R"({"b":"x"})");
}

TEST(JsonWriter, IntegersReachTheirLimits) {
  EXPECT_EQ(json_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(json_of(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(json_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json_of(0), "0");
  EXPECT_EQ(json_of(-1), "-1");
}

TEST(JsonWriter, DoublesAreTheShortestTextThatReadsBack) {
  EXPECT_EQ(json_of(0.1), "0.1");
  EXPECT_EQ(json_of(12.0), "12");
  EXPECT_EQ(json_of(-2.5), "-2.5");
  for (const double number :
       {1.0 / 3, 1e300, 5e-324, std::numeric_limits<double>::max(), -1.7976931348623157e308}) {
    EXPECT_EQ(std::strtod(json_of(number).c_str(), nullptr), number);
  }
}

TEST(JsonWriter, WhatIsNoNumberIsNull) {
  JsonWriter json;
  json.begin_array()
      .value(std::nan(""))
      .value(std::numeric_limits<double>::infinity())
      .value(-std::numeric_limits<double>::infinity())
      .value(1.5)
      .end_array();
  EXPECT_EQ(json.text(), "[null,null,null,1.5]");
}

TEST(JsonWriter, ATextPointerIsATextAndNoBool) {
  const char* text = "x";
  EXPECT_EQ(JsonWriter().value(text).text(), R"("x")");
  EXPECT_EQ(json_of(std::string("y")), R"("y")");
}

TEST(JsonWriter, BodiesAreBase64) {
  JsonWriter json;
  json.begin_object().field_base64("body", "\x00\xFF"s).field_base64("none", "").end_object();
  EXPECT_EQ(json.text(), R"({"body":"AP8=","none":""})");
}

TEST(JsonWriter, RawIsPutAsItIs) {
  JsonWriter json;
  json.begin_object().key("a").raw("[1, 2]").key("b").raw("null").end_object();
  EXPECT_EQ(json.text(), R"({"a":[1, 2],"b":null})");
}

TEST(JsonWriter, HeadersAreGroupedUnderTheirCanonicalNames) {
  const HeaderList headers = {
      {"x-api-key", "1"}, {"Accept", "b"}, {"X-Api-Key", "2"}, {"accept", "a"}, {"X-API-KEY", "0"}};
  JsonWriter json;
  json.begin_object().key("header").value_headers(headers).field("next", 1).end_object();
  EXPECT_EQ(json.text(), R"({"header":{"Accept":["b","a"],"X-Api-Key":["1","2","0"]},"next":1})");
  EXPECT_EQ(JsonWriter().value_headers({}).text(), "{}");
}

TEST(JsonWriter, KeysAreEscapedToo) {
  EXPECT_EQ(JsonWriter().begin_object().field("a\"b", 1).end_object().text(), R"({"a\"b":1})");
}

TEST(JsonWriter, ClearForgetsTextAndComma) {
  JsonWriter json(100);
  json.begin_object().field("a", 1).end_object();
  json.clear();
  EXPECT_EQ(json.size(), 0u);
  json.begin_array().value(1).end_array();
  EXPECT_EQ(std::move(json).take(), "[1]");
}

TEST(JsonString, EscapesWhatJsonDemands) {
  EXPECT_EQ(as_json("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(as_json("\x00\x01\x1F\x7F"s), "\"\\u0000\\u0001\\u001f\x7F\"");
  EXPECT_EQ(as_json(""), R"("")");
}

TEST(JsonString, KeepsValidUtf8) {
  EXPECT_EQ(as_json("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80!"),
            "\"h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80!\"");
}

TEST(JsonString, EveryByteThatIsNotUtf8BecomesAReplacementCharacter) {
  EXPECT_EQ(as_json("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(as_json("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(as_json("cut \xE2\x82"), "\"cut \uFFFD\uFFFD\"");
}

// The fast path looks at eight bytes at once, so each octet has to be seen at each place of a word.
TEST(JsonString, FindsEveryOctetAtEveryPlaceOfALongText) {
  for (int octet = 0; octet < 256; ++octet) {
    for (std::size_t place = 0; place < 19; ++place) {
      std::string text(19, 'x');
      text[place] = static_cast<char>(octet);
      const std::string alone = as_json(std::string(1, static_cast<char>(octet)));
      std::string expected = std::string(place, 'x') + alone.substr(1, alone.size() - 2);
      expected.append(18 - place, 'x');
      EXPECT_EQ(as_json(text), '"' + expected + '"') << octet << " at " << place;
    }
  }
}

TEST(JsonString, OutputIsAlwaysUtf8WithoutControlCharacters) {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets.push_back(static_cast<char>(255 - i));
  const std::string out = as_json(octets + octets);
  EXPECT_TRUE(is_valid_utf8(out));
  for (const char c : out) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

}  // namespace
}  // namespace ferry
