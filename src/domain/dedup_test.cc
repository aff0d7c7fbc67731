#include "domain/dedup.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace ferry {
namespace {

std::string hex(const DedupKey& key) { return hex_encode(as_text(key.digest)); }

DedupKey content_key(const HeaderList& headers) {
  return dedup_key_of_content("https://a.test/", "{}", "application/json", headers);
}

// Keys are stored for the whole window, so a new version must make the same ones.
TEST(DedupKey, DigestsNeverChange) {
  EXPECT_EQ(hex(dedup_key_of_id("order-1")),
            "2e549424ee2a82dc8256c22cbe91807a5a2733e9638f448e910c3d606d994b2d");
  EXPECT_EQ(hex(dedup_key_of_content("https://a.test/", R"({"a":1})", "application/json",
                                     {{"X-B", "2"}, {"X-A", "1"}})),
            "1be85d00017a4c1ab50b78f7cc04193bcdd1612f4b3348d7dec14718aa54ce1e");
}

TEST(DedupKey, DifferentIdsHaveDifferentKeys) {
  EXPECT_EQ(dedup_key_of_id("a"), dedup_key_of_id("a"));
  EXPECT_NE(dedup_key_of_id("a"), dedup_key_of_id("A"));
  EXPECT_NE(dedup_key_of_id("a"), dedup_key_of_id(""));
}

TEST(DedupKey, EveryPartOfTheContentCounts) {
  const HeaderList headers{{"X-A", "1"}};
  const DedupKey key = dedup_key_of_content("https://a.test", "body", "text/plain", headers);
  EXPECT_EQ(key, dedup_key_of_content("https://a.test", "body", "text/plain", headers));
  EXPECT_NE(key, dedup_key_of_content("https://a.test/", "body", "text/plain", headers));
  EXPECT_NE(key, dedup_key_of_content("https://a.test", "Body", "text/plain", headers));
  EXPECT_NE(key, dedup_key_of_content("https://a.test", "body", "", headers));
  EXPECT_NE(key, dedup_key_of_content("https://a.test", "body", "text/plain", {}));
  EXPECT_NE(key, dedup_key_of_content("https://a.test", "body", "text/plain", {{"X-A", "2"}}));
}

TEST(DedupKey, BytesMovedFromOneFieldToTheNextMakeAnotherKey) {
  EXPECT_NE(dedup_key_of_content("ab", "c", "", {}), dedup_key_of_content("a", "bc", "", {}));
  EXPECT_NE(dedup_key_of_content("a", "", "b", {}), dedup_key_of_content("a", "b", "", {}));
  EXPECT_NE(content_key({{"x-a", "b"}}), content_key({{"x-ab", ""}}));
  EXPECT_NE(content_key({{"a", "1"}, {"b", "2"}}), content_key({{"a", "1b2"}}));
}

TEST(DedupKey, HeaderNamesCompareWithoutCaseAndOrder) {
  EXPECT_EQ(content_key({{"X-A", "1"}, {"X-B", "2"}}), content_key({{"x-b", "2"}, {"x-a", "1"}}));
  EXPECT_NE(content_key({{"X-A", "1"}, {"X-B", "2"}}), content_key({{"X-A", "2"}, {"X-B", "1"}}));
}

TEST(DedupKey, TheOrderOfTheValuesOfOneHeaderCounts) {
  EXPECT_NE(content_key({{"X-A", "1"}, {"X-A", "2"}}), content_key({{"X-A", "2"}, {"X-A", "1"}}));
  EXPECT_EQ(content_key({{"X-A", "1"}, {"X-Z", "0"}, {"x-a", "2"}}),
            content_key({{"X-Z", "0"}, {"x-a", "1"}, {"X-A", "2"}}));
}

TEST(DedupKey, AnIdNeverMeetsAContent) {
  EXPECT_NE(dedup_key_of_id(""), dedup_key_of_content("", "", "", {}));
}

TEST(DedupKey, EmptyAndBinaryContentHaveKeys) {
  const std::string zeros(3, '\0');
  EXPECT_NE(dedup_key_of_content("d", zeros, "", {}), dedup_key_of_content("d", "", "", {}));
  EXPECT_NE(dedup_key_of_content("d", zeros, "", {}),
            dedup_key_of_content("d", std::string(4, '\0'), "", {}));
}

}  // namespace
}  // namespace ferry
