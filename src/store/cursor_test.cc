#include "store/cursor.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/encoding.h"
#include "base/random.h"

namespace ferry::store {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

void expect_refused(std::string_view text) {
  const Result<Cursor> cursor = decode_cursor(text);
  ASSERT_FALSE(cursor) << text;
  EXPECT_EQ(cursor.error().code, ErrorCode::kInvalidFilter);
}

TEST(Cursor, IsReadBackForAnyPlace) {
  for (const Cursor& cursor : {Cursor{}, Cursor{from_unix_ms(1'795'262'400'000), 12345, 2},
                               Cursor{from_unix_ms(kMin), kMin, kMin},
                               Cursor{from_unix_ms(kMax), kMax, kMax}, Cursor{{}, -1, -1}}) {
    const std::string text = encode_cursor(cursor);
    const Result<Cursor> read = decode_cursor(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, cursor);
  }
}

TEST(Cursor, NeedsNoEscapingInAUrl) {
  const std::string text = encode_cursor({from_unix_ms(kMin), kMin, kMax});
  EXPECT_EQ(percent_encode(text), text);
}

TEST(Cursor, WithAnyCharacterChangedIsRefused) {
  const std::string good = encode_cursor({from_unix_ms(1'795'262'400'000), 12345, 2});
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'A', 'b', '9', '-', '=', ' ', '\0'}) {
      std::string text = good;
      text[i] = c;
      if (text != good) expect_refused(text);
    }
  }
}

TEST(Cursor, CutOrExtendedIsRefused) {
  const std::string good = encode_cursor({from_unix_ms(1), 2, 3});
  for (std::size_t size = 0; size < good.size(); ++size) expect_refused(good.substr(0, size));
  for (const std::string_view more : {"A", "AA", "AAAA", "=", "==", " "}) {
    expect_refused(good + std::string(more));
  }
}

TEST(Cursor, OfRandomTextIsRefused) {
  Random random(21);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes(random.below(40), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    expect_refused(bytes);
    expect_refused(base64url_encode(bytes, false));
  }
}

TEST(Cursor, OfAnUnboundedTextIsRefused) { expect_refused(std::string(10'000'000, 'A')); }

}  // namespace
}  // namespace ferry::store
