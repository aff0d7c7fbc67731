#include "domain/cron.h"

#include <gtest/gtest.h>

#include "domain/cron_under_test.h"

namespace ferry {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = Cron::parse(text);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidHeader);
  const std::string prefix = "Invalid cron expression ";
  EXPECT_TRUE(parsed.error().text.starts_with(prefix)) << parsed.error().text;
  return parsed.error().text.substr(prefix.size());
}

// --- What fires when ---

TEST(Cron, FieldsFireAtTheMinutesThatTheyName) {
  expect_firings({
      {"* * * * *", "2026-01-01 00:00", {"2026-01-01 00:01", "2026-01-01 00:02"}},
      {"*/15 * * * *", "2012-07-09 14:45", {"2012-07-09 15:00", "2012-07-09 15:15"}},
      {"5/20 * * * *", "2012-07-09 14:44", {"2012-07-09 14:45", "2012-07-09 15:05"}},
      {"20-35/15 * * * *", "2012-07-09 15:45", {"2012-07-09 16:20", "2012-07-09 16:35"}},
      {"0 9-17/4 * * *", "2026-01-01 09:00", {"2026-01-01 13:00", "2026-01-01 17:00"}},
      {"0,30,7 8,20 * * *", "2026-01-01 08:07", {"2026-01-01 08:30", "2026-01-01 20:00"}},
      {"59 23 31 12 *", "2026-01-01 00:00", {"2026-12-31 23:59", "2027-12-31 23:59"}},
      {"0 0 * * *", "2026-12-31 23:59", {"2027-01-01 00:00"}},
  });
}

TEST(Cron, NextIsLaterThanTheGivenTimeByAsLittleAsAMillisecond) {
  expect_firings({
      {"0 12 * * *", "2026-01-01 11:59:59.999", {"2026-01-01 12:00"}},
      {"0 12 * * *", "2026-01-01 12:00", {"2026-01-02 12:00"}},
      {"0 12 * * *", "2026-01-01 12:00:00.001", {"2026-01-02 12:00"}},
      {"* * * * *", "2026-01-01 12:00:30", {"2026-01-01 12:01"}},
  });
}

TEST(Cron, NamesOfMonthsAndDaysStandForTheirNumbersInAnyCase) {
  expect_firings({
      {"0 0 1 feb,Aug *", "2026-01-15 00:00", {"2026-02-01 00:00", "2026-08-01 00:00"}},
      {"0 0 1 APR-jun *", "2026-04-01 00:00", {"2026-05-01 00:00", "2026-06-01 00:00"}},
      {"0 0 * * MON-Wed", "2026-11-22 00:00", {"2026-11-23 00:00", "2026-11-24 00:00"}},
      {"0 0 * * sun", "2026-11-21 00:00", {"2026-11-22 00:00", "2026-11-29 00:00"}},
      {"0 0 * * 6", "2026-11-21 00:00", {"2026-11-28 00:00"}},
      {"0 0 ? * Mon/2",
       "2026-11-22 00:00",
       {"2026-11-23 00:00", "2026-11-25 00:00", "2026-11-27 00:00", "2026-11-30 00:00"}},
  });
}

TEST(Cron, EitherDayFieldDecidesWhenBothRestrict) {
  expect_firings({
      {"0 0 1,15 * Sun",
       "2012-06-14 12:00",
       {"2012-06-15 00:00", "2012-06-17 00:00", "2012-06-24 00:00", "2012-07-01 00:00"}},
      // A star with a step restricts: days 1, 11, 21, 31 or a Sunday.
      {"0 0 */10 * Sun", "2012-07-09 12:00", {"2012-07-11 00:00", "2012-07-15 00:00"}},
      {"0 0 9 * */6", "2012-07-08 12:00", {"2012-07-09 00:00", "2012-07-14 00:00"}},
  });
}

TEST(Cron, AStarInOneDayFieldLeavesTheChoiceToTheOther) {
  expect_firings({
      {"0 0 * * Mon", "2012-07-15 00:00", {"2012-07-16 00:00", "2012-07-23 00:00"}},
      {"0 0 1,15 * *", "2012-07-09 00:00", {"2012-07-15 00:00", "2012-08-01 00:00"}},
      {"0 0 1,15 * ?", "2012-07-09 00:00", {"2012-07-15 00:00", "2012-08-01 00:00"}},
      {"0 0 */1 * Mon", "2012-07-15 00:00", {"2012-07-16 00:00", "2012-07-23 00:00"}},
      {"0 0 5,* * Mon", "2012-07-15 00:00", {"2012-07-16 00:00", "2012-07-23 00:00"}},
  });
}

TEST(Cron, DaysThatAMonthLacksAreLeftOut) {
  expect_firings({
      {"0 0 31 * *", "2026-01-31 00:00", {"2026-03-31 00:00", "2026-05-31 00:00"}},
      {"0 0 30 * *", "2026-01-30 00:00", {"2026-03-30 00:00"}},
      {"0 0 29 2 *", "2026-01-01 00:00", {"2028-02-29 00:00", "2032-02-29 00:00"}},
      {"0 0 29 2 *", "2096-02-29 00:00", {"2104-02-29 00:00"}},  // 2100 is no leap year
      {"0 0 29 2 *", "1999-01-01 00:00", {"2000-02-29 00:00"}},  // 2000 is one
  });
}

TEST(Cron, DescriptorsAreShortForFields) {
  const std::string after = "2026-11-21 10:10";
  expect_firings({
      {"@yearly", after, {"2027-01-01 00:00"}},
      {"@annually", after, {"2027-01-01 00:00"}},
      {"@monthly", after, {"2026-12-01 00:00"}},
      {"@weekly", after, {"2026-11-22 00:00", "2026-11-29 00:00"}},
      {"@daily", after, {"2026-11-22 00:00"}},
      {"@midnight", after, {"2026-11-22 00:00"}},
      {"@hourly", after, {"2026-11-21 11:00", "2026-11-21 12:00"}},
  });
}

TEST(Cron, EveryAddsItsPeriodToTheGivenTimeInWholeSeconds) {
  expect_firings({
      {"@every 1m", "2026-01-01 00:00", {"2026-01-01 00:01", "2026-01-01 00:02"}},
      {"@every 1h30m", "2026-01-01 00:00", {"2026-01-01 01:30", "2026-01-01 03:00"}},
      {"@every  90s", "2026-01-01 00:00:10.700", {"2026-01-01 00:01:40", "2026-01-01 00:03:10"}},
      {"@every 60.9s", "2026-01-01 00:00", {"2026-01-01 00:01"}},
      {"TZ=Asia/Tokyo @every 24h", "2026-01-01 05:00", {"2026-01-02 05:00"}},
  });
}

TEST(Cron, NothingFiresOutsideTheYears1970To9999) {
  const Cron every_minute = cron("* * * * *");
  const Cron hourly = cron("@every 1h");
  EXPECT_EQ(written(every_minute.next_after(TimePoint())), "1970-01-01 00:01");
  EXPECT_EQ(written(every_minute.next_after(utc("9999-12-31 23:58"))), "9999-12-31 23:59");
  for (const TimePoint t :
       {TimePoint::min(), TimePoint(Duration(-1)), utc("10000-01-01 00:00"), TimePoint::max()}) {
    EXPECT_EQ(every_minute.next_after(t), std::nullopt);
    EXPECT_EQ(hourly.next_after(t), std::nullopt);
  }
}

// Minute by minute this would not end within a day: each search covers twenty years.
TEST(Cron, WhatNeverFiresIsFoundOutByLookingAtMonths) {
  for (const std::string_view text :
       {"0 0 31 2 *", "* * 30 feb ?", "0 0 31 4,6,9,11 *", "TZ=Africa/Casablanca 0 0 30 2 *"}) {
    const Cron never = cron(text);
    for (int day = 0; day < 500; ++day) {
      const TimePoint t = utc("2026-01-01 00:00") + std::chrono::days(day);
      ASSERT_EQ(never.next_after(t), std::nullopt) << text;
    }
  }
  // A day of the week that may match instead does.
  expect_firings({{"0 0 31 2 Mon", "2026-01-01 00:00", {"2026-02-02 00:00"}}});
}

// --- What is accepted and what is refused ---

TEST(Cron, TextIsKeptWithoutTheBlanksAroundIt) {
  EXPECT_EQ(cron("*/10 * * * * ").text(), "*/10 * * * *");
  EXPECT_EQ(cron(" \t0  0 *\t* 1 ").text(), "0  0 *\t* 1");
  EXPECT_EQ(cron(" CRON_TZ=Asia/Tokyo  @daily ").text(), "CRON_TZ=Asia/Tokyo  @daily");
}

TEST(Cron, EqualTextsMakeEqualValues) {
  EXPECT_EQ(cron("0 0 * * *"), cron(" 0 0 * * *"));
  EXPECT_NE(cron("0 0 * * *"), cron("0 1 * * *"));
  EXPECT_EQ(cron("TZ=Asia/Tokyo @daily"), cron("TZ=Asia/Tokyo @daily"));
}

TEST(Cron, EmptyListItemsArePassedOver) {
  expect_firings({{"0,,30, * * * *", "2026-01-01 00:00", {"2026-01-01 00:30"}}});
}

struct Refusal {
  std::string_view text;
  std::string_view error;
};

void expect_refusals(std::initializer_list<Refusal> refusals) {
  for (const auto& [text, error] : refusals) EXPECT_EQ(error_of(text), error) << text;
}

TEST(Cron, ErrorsNameTheFieldAtFault) {
  expect_refusals({
      {"60 * * * *", "end of range (60) above maximum (59): 60 (minute)"},
      {"* 24 * * *", "end of range (24) above maximum (23): 24 (hour)"},
      {"* * 0 * *", "beginning of range (0) below minimum (1): 0 (day of month)"},
      {"* * 32 * *", "end of range (32) above maximum (31): 32 (day of month)"},
      {"* * * 0 *", "beginning of range (0) below minimum (1): 0 (month)"},
      {"* * * 13 *", "end of range (13) above maximum (12): 13 (month)"},
      {"* * * * 7", "end of range (7) above maximum (6): 7 (day of week)"},
      {"30-10 * * * *", "beginning of range (30) beyond end of range (10): 30-10 (minute)"},
      {"* * * * fri-mon", "beginning of range (5) beyond end of range (1): fri-mon (day of week)"},
      {"*/0 * * * *", "step of range should be a positive number: */0 (minute)"},
      {"1-2-3 * * * *", "too many hyphens: 1-2-3 (minute)"},
      {"* 1/2/3 * * *", "too many slashes: 1/2/3 (hour)"},
      {"1,x * * * *", "failed to parse int from x (minute)"},
      {"* jan * * *", "failed to parse int from jan (hour)"},
      {"* * * january *", "failed to parse int from january (month)"},
      {"* * * * L", "failed to parse int from L (day of week)"},
      {"* * * * 5#3", "failed to parse int from 5#3 (day of week)"},
      {"* * L * *", "failed to parse int from L (day of month)"},
      {"-1 * * * *", "failed to parse int from  (minute)"},
      {"5- * * * *", "failed to parse int from  (minute)"},
      {"*/-5 * * * *", "failed to parse int from -5 (minute)"},
      {"*/ * * * *", "failed to parse int from  (minute)"},
      {"*/x * * * *", "failed to parse int from x (minute)"},
      {"** * * * *", "failed to parse int from ** (minute)"},
      {"*-5 * * * *", "failed to parse int from * (minute)"},
      {"1.5 * * * *", "failed to parse int from 1.5 (minute)"},
      {"99999999999 * * * *", "failed to parse int from 99999999999 (minute)"},
      {"* * , * *", "no value: , (day of month)"},
  });
}

TEST(Cron, StepsUpToTheLargestNumberReachOnlyTheFirstValue) {
  expect_firings({{"5/2147483647 * * * *", "2026-01-01 00:05", {"2026-01-01 01:05"}}});
}

TEST(Cron, ThereAreFiveFields) {
  expect_refusals({
      {"", "empty spec string"},
      {" \t ", "empty spec string"},
      {"* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
      {"0 * *  * * *", "expected exactly 5 fields, found 6: [0 * * * * *]"},
      {"TZ=UTC", "expected exactly 5 fields, found 0: []"},
  });
}

TEST(Cron, DescriptorsAreAClosedList) {
  expect_refusals({
      {"@fortnightly", "unrecognized descriptor: @fortnightly"},
      {"@Daily", "unrecognized descriptor: @Daily"},
      {"@", "unrecognized descriptor: @"},
      {"@everyday", "unrecognized descriptor: @everyday"},
      {"@daily * *", "unrecognized descriptor: @daily * *"},
      {"@every", "failed to parse duration @every "},
      {"@every soon", "failed to parse duration @every soon"},
      {"@every -5m", "failed to parse duration @every -5m"},
      {"@every 1h999999999999999999999999ns",
       "failed to parse duration @every 1h999999999999999999999999ns"},
      {"@every 1222222222222222222222222222222222222ns",
       "failed to parse duration @every 1222222222222222222222222222222222222ns"},
      {"@every 59s", "@every needs at least 1m: 59s"},
      {"@every 59.9s", "@every needs at least 1m: 59.9s"},
  });
}

TEST(Cron, TheZoneMustBeKnown) {
  expect_refusals({
      {"CRON_TZ=Mars/Base * * * * *",
       "provided bad location Mars/Base: unknown time zone Mars/Base"},
      {"TZ= * * * * *", "provided bad location : unknown time zone "},
      {"TZ=../../etc/passwd * * * * *",
       "provided bad location ../../etc/passwd: unknown time zone ../../etc/passwd"},
      {"cron_tz=UTC * * * * *", "expected exactly 5 fields, found 6: [cron_tz=UTC * * * * *]"},
      {"CRON_TZ=UTC TZ=UTC * * * * *", "expected exactly 5 fields, found 6: [TZ=UTC * * * * *]"},
  });
}

TEST(Cron, TextsHaveAGreatestLength) {
  std::string text = "* * * * *";
  text.insert(1, kCronBytesMax - text.size(), ',');
  EXPECT_EQ(error_of(text), "");
  EXPECT_EQ(error_of(text + "   "), "");
  EXPECT_EQ(error_of(text + ","), "longer than 1024 bytes");
}

}  // namespace
}  // namespace ferry
