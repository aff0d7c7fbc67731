#include "app/cli/client/moment.h"

#include <gtest/gtest.h>

namespace ferry::app::cli {
namespace {

constexpr TimePoint kNow = from_unix_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

std::string read(std::string_view text) {
  const auto moment = parse_moment(text, kNow);
  return moment ? format_rfc3339(*moment) : "no time";
}

TEST(Moment, IsADateWithOrWithoutTime) {
  EXPECT_EQ(read("2026-11-21"), "2026-11-21T00:00:00.000Z");
  EXPECT_EQ(read("2026-11-21T08:30"), "2026-11-21T08:30:00.000Z");
  EXPECT_EQ(read("2026-11-21 08:30:05"), "2026-11-21T08:30:05.000Z");
  EXPECT_EQ(read(" 2026-11-21T23:59:59Z "), "2026-11-21T23:59:59.000Z");
  EXPECT_EQ(read("2026-11-21T08:30:05.1Z"), "2026-11-21T08:30:05.100Z");
  EXPECT_EQ(read("2026-11-21T08:30:05.123456789Z"), "2026-11-21T08:30:05.123Z");
  EXPECT_EQ(read("2028-02-29"), "2028-02-29T00:00:00.000Z");
}

TEST(Moment, IsUnixMilliseconds) {
  EXPECT_EQ(read("1800000000123"), "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(read("1800000000"), "no time");  // seconds: a slip
  EXPECT_EQ(read("123456789012345"), "no time");
}

TEST(Moment, IsSoLongAgo) {
  EXPECT_EQ(read("15m"), "2027-01-15T07:45:00.000Z");
  EXPECT_EQ(read("1d2h"), "2027-01-14T06:00:00.000Z");
}

TEST(Moment, IsNothingElse) {
  for (const char* text :
       {"", "noon", "2026-13-01", "2026-02-30", "2026-11-21T24:00", "2026-11-21T08:60",
        "2026-11-21T08", "2026-11-21T08:30:60", "2026-11-21T08:30:05.", "2026-11-21T08:30+01:00",
        "2026-11-21T08:30:05.1234567890Z", "26-11-21", "2026-11-21x", "-5m", "12"}) {
    EXPECT_EQ(read(text), "no time") << text;
  }
}

}  // namespace
}  // namespace ferry::app::cli
