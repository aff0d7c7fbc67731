#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/random.h"

namespace ferry {
namespace {

using namespace std::string_literals;

std::string random_text(Random& random, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(random.below(256)));
  return text;
}

std::string all_octets() {
  std::string text;
  for (int c = 0; c < 256; ++c) text.push_back(static_cast<char>(c));
  return text;
}

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  constexpr std::array<std::pair<const char*, const char*>, 7> kVectors = {
      {{"", ""},
       {"f", "Zg=="},
       {"fo", "Zm8="},
       {"foo", "Zm9v"},
       {"foob", "Zm9vYg=="},
       {"fooba", "Zm9vYmE="},
       {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : kVectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
}

TEST(Base64, UrlFormHasItsOwnAlphabetAndOptionalPadding) {
  EXPECT_EQ(base64_encode("\xFB\xFF\xFE\xFB"), "+//++w==");
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE\xFB", true), "-__--w==");
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE\xFB", false), "-__--w");
  EXPECT_EQ(base64url_encode("fo", false), "Zm8");
  EXPECT_EQ(base64url_encode("", false), "");
}

TEST(Base64, AppendKeepsWhatIsThere) {
  std::string out = "body=";
  base64_append(out, "foobar");
  base64_append(out, "");
  base64_append(out, "f");
  EXPECT_EQ(out, "body=Zm9vYmFyZg==");
}

TEST(Base64, EveryLengthAndOctetReadsBack) {
  Random random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string data = random_text(random, size);
    EXPECT_EQ(base64_decode(base64_encode(data)), data);
    EXPECT_EQ(base64_decode(base64url_encode(data, false)), data);
    EXPECT_EQ(base64_decode(base64url_encode(data, true)), data);
  }
  EXPECT_EQ(base64_decode(base64_encode(all_octets())), all_octets());
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zm9vY", "Zg=", "Zg===", "=",
                           "==", "===", "====", "Zm9v=", "Zm9v====", "Z===", "Zg==Zg==", "Zm9 v",
                           "Zm9v\n", "Zm.v", "Z\xC3\xA9v", "=m9v"}) {
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  }
  EXPECT_FALSE(base64_decode("Zm\0v"s).has_value());
}

TEST(Base58, AgreesWithKnownVectors) {
  EXPECT_EQ(base58_encode("Hello World!"), "2NEpo7TZRRrLZSi2U");
  EXPECT_EQ(base58_encode("\x00\x00\x28\x7F\xB4\xCD"s), "11233QC4");
  EXPECT_EQ(base58_encode(""), "");
  EXPECT_EQ(base58_encode("\0"s), "1");
  EXPECT_EQ(base58_decode("2NEpo7TZRRrLZSi2U"), "Hello World!");
  EXPECT_EQ(base58_decode("11233QC4"), "\x00\x00\x28\x7F\xB4\xCD"s);
  EXPECT_EQ(base58_decode(""), "");
}

TEST(Base58, EveryLengthReadsBackWithItsLeadingZeros) {
  Random random(2);
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string data = std::string(size % 4, '\0') + random_text(random, size);
    EXPECT_EQ(base58_decode(base58_encode(data)), data);
  }
}

TEST(Base58, RefusesTheLettersThatLookAlike) {
  for (const char* text : {"0", "O", "I", "l", "2NEpo7 TZ", "+"}) {
    EXPECT_FALSE(base58_decode(text).has_value()) << text;
  }
}

TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(hex_encode("\x00\x7F\xAB\xFF"s), "007fabff");
  EXPECT_EQ(hex_decode("007fABff"), "\x00\x7F\xAB\xFF"s);
  EXPECT_EQ(hex_decode(hex_encode(all_octets())), all_octets());
  for (const char* text : {"0", "0g", "g0", "0x", " 0", "000"}) {
    EXPECT_FALSE(hex_decode(text).has_value()) << text;
  }
}

TEST(Percent, DecodesWhatTwoHexDigitsFollow) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%2f%00"), "a b/c/\0"s);
  EXPECT_EQ(percent_decode("%C3%A9"), "\xC3\xA9");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(Percent, LeavesAnIncompleteEscapeAsItIs) {
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%4g%g4"), "%zz%4g%g4");
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("%2541"), "%41");
}

TEST(Percent, InAQueryAPlusIsABlank) { EXPECT_EQ(query_decode("a+b%2Bc"), "a b+c"); }

TEST(Percent, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?d=\xC3\xA9+%"), "a%20b%2Fc%3Fd%3D%C3%A9%2B%25");
  EXPECT_EQ(percent_decode(percent_encode(all_octets())), all_octets());
}

TEST(Utf8, AcceptsEveryLengthOfSequenceToItsLimits) {
  for (const char* text : {"", "plain ascii that is longer than a word", "\xC2\x80", "\xDF\xBF",
                           "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "1234567\xC3\xA9 12345678"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  EXPECT_TRUE(is_valid_utf8("\0"s));
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (const char* text : {
           "\x80",              // a continuation alone
           "\xC0\xAF",          // overlong
           "\xC1\xBF",          // overlong
           "\xE0\x9F\xBF",      // overlong
           "\xF0\x8F\xBF\xBF",  // overlong
           "\xED\xA0\x80",      // a surrogate
           "\xF4\x90\x80\x80",  // beyond U+10FFFF
           "\xF5\x80\x80\x80",
           "\xFF",
           "\xC3",          // cut short
           "\xE2\x82",      // cut short
           "\xF0\x9F\x98",  // cut short
           "\xC3\x28",
           "\xE2\x28\xA1",
           "\xF0\x9F\x28\x80",
           "12345678\xFF",
       }) {
    EXPECT_FALSE(is_valid_utf8(text)) << ::testing::PrintToString(text);
  }
}

TEST(Utf8, SequenceLengthLooksAtTheFirstCharacterOnly) {
  EXPECT_EQ(utf8_sequence_length("a\xFF"), 1u);
  EXPECT_EQ(utf8_sequence_length("\xC3\xA9\xFF"), 2u);
  EXPECT_EQ(utf8_sequence_length("\xE2\x82\xAC"), 3u);
  EXPECT_EQ(utf8_sequence_length("\xF0\x9F\x98\x80x"), 4u);
  EXPECT_EQ(utf8_sequence_length("\xFFx"), 0u);
}

TEST(Text, CaseIsFoldedInAsciiOnly) {
  EXPECT_EQ(to_lower("AbZ[@`\xC3\x89"), "abz[@`\xC3\x89");
  EXPECT_TRUE(equals_ignore_case("Content-TYPE", "content-type"));
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  EXPECT_FALSE(equals_ignore_case("[", "{"));
  EXPECT_TRUE(equals_ignore_case("", ""));
  EXPECT_TRUE(starts_with_ignore_case("Upstash-Forward-X", "upstash-forward-"));
  EXPECT_TRUE(starts_with_ignore_case("x", ""));
  EXPECT_FALSE(starts_with_ignore_case("Upstash", "upstash-"));
}

TEST(Text, TrimTakesBlanksAndTabsFromBothSides) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\na\r"), "\na\r");
}

}  // namespace
}  // namespace ferry
