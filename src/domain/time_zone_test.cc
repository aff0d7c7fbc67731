#include "domain/time_zone.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace ferry {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year;

Duration offset_of(std::string_view name, TimePoint t) {
  return TimeZone::find(name).value().offset_at(t).offset;
}

constexpr TimePoint kJanuary = sys_days(year(2026) / 1 / 1);
constexpr TimePoint kJuly = sys_days(year(2026) / 7 / 1);

TEST(TimeZone, OffsetsAreThoseOfTheDatabase) {
  EXPECT_EQ(offset_of("Europe/Berlin", kJanuary), hours(1));
  EXPECT_EQ(offset_of("Europe/Berlin", kJuly), hours(2));
  EXPECT_EQ(offset_of("America/New_York", kJanuary), hours(-5));
  EXPECT_EQ(offset_of("Australia/Lord_Howe", kJanuary), hours(11));
  EXPECT_EQ(offset_of("Australia/Lord_Howe", kJuly), minutes(10 * 60 + 30));
  EXPECT_EQ(offset_of("Asia/Kathmandu", kJuly), minutes(5 * 60 + 45));
}

TEST(TimeZone, AnOffsetLastsUntilTheClocksChange) {
  const TimeZone berlin = TimeZone::find("Europe/Berlin").value();
  const TimePoint change = sys_days(year(2026) / 3 / 29) + hours(1);
  const UtcOffset winter = berlin.offset_at(change - Duration(1));
  EXPECT_EQ(winter, (UtcOffset{.offset = hours(1), .until = change}));
  const UtcOffset summer = berlin.offset_at(change);
  EXPECT_EQ(summer.offset, hours(2));
  EXPECT_EQ(summer.until, sys_days(year(2026) / 10 / 25) + hours(1));
}

TEST(TimeZone, SummerTimeIsKnownUntil2037) {
  EXPECT_EQ(offset_of("Europe/Berlin", sys_days(year(2037) / 7 / 1)), hours(2));
  EXPECT_EQ(offset_of("America/New_York", sys_days(year(2037) / 7 / 1)), hours(-4));
}

TEST(TimeZone, UtcNeverChanges) {
  const UtcOffset utc = TimeZone().offset_at(kJuly);
  EXPECT_EQ(utc.offset, Duration::zero());
  EXPECT_GT(utc.until, sys_days(year(9999) / 12 / 31));
  EXPECT_EQ(TimeZone::find("UTC").value(), TimeZone());
}

TEST(TimeZone, OneNameIsOneZone) {
  const TimeZone berlin = TimeZone::find("Europe/Berlin").value();
  EXPECT_EQ(TimeZone::find("Europe/Berlin").value(), berlin);
  EXPECT_NE(TimeZone::find("Europe/Vienna").value(), berlin);
}

TEST(TimeZone, NamesOutsideTheDatabaseAreRefused) {
  for (const std::string_view name :
       {"", "Europe/Atlantis", "europe/berlin", "Europe", "../../etc/passwd", "zone.tab",
        "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin "}) {
    const auto zone = TimeZone::find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error(),
              (Error{ErrorCode::kInvalidRequest, "unknown time zone " + std::string(name)}));
  }
}

TEST(TimeZone, ThreadsMayLoadTheSameZoneAtOnce) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (const std::string_view name : {"Asia/Tokyo", "Africa/Cairo", "America/Lima"}) {
        EXPECT_NE(offset_of(name, kJuly), Duration::zero());
      }
    });
  }
}

}  // namespace
}  // namespace ferry
