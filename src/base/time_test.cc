#include "base/time.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ferry {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHundredYears = std::chrono::days(36525);

Duration must_parse(std::string_view text) {
  const Result<Duration> duration = parse_duration(text);
  EXPECT_TRUE(duration.has_value()) << text;
  return duration.value_or(Duration(-1));
}

TEST(Time, UnixConversionsRoundTowardsThePast) {
  EXPECT_EQ(to_unix_ms(from_unix_ms(-1)), -1);
  EXPECT_EQ(to_unix_seconds(from_unix_ms(1999)), 1);
  EXPECT_EQ(to_unix_seconds(from_unix_ms(-1)), -1);
  EXPECT_EQ(utc_day(from_unix_ms(86'399'999)), 0);
  EXPECT_EQ(utc_day(from_unix_ms(86'400'000)), 1);
  EXPECT_EQ(utc_day(from_unix_ms(-1)), -1);
}

TEST(Rfc3339, HasThreeDigitsOfMilliseconds) {
  EXPECT_EQ(format_rfc3339(from_unix_ms(1'795'249'800'125)), "2026-11-21T08:30:00.125Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(1'795'249'800'005)), "2026-11-21T08:30:00.005Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
}

TEST(Rfc3339, KnowsLeapDays) {
  EXPECT_EQ(format_rfc3339(from_unix_ms(1'709'251'199'000)), "2024-02-29T23:59:59.000Z");
  EXPECT_EQ(format_day(utc_day(from_unix_ms(1'709'251'199'000))), "2024-02-29");
  EXPECT_EQ(format_day(0), "1970-01-01");
  EXPECT_EQ(format_day(-1), "1969-12-31");
}

TEST(HttpDate, AgreesWithTheExampleOfRfc9110) {
  const TimePoint t = from_unix_ms(784'111'777'000);
  EXPECT_EQ(format_http_date(t), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), t);
}

TEST(HttpDate, ReadsBackEveryDayOfALeapYear) {
  for (int day = 0; day < 366; ++day) {
    const TimePoint t = from_unix_ms(1'704'067'200'000) + std::chrono::days(day) + 86'399s;
    EXPECT_EQ(parse_http_date(format_http_date(t)), t);
  }
}

TEST(HttpDate, DropsMilliseconds) {
  EXPECT_EQ(format_http_date(from_unix_ms(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, RefusesEveryOtherText) {
  for (const char* text : {
           "",
           "Sunday, 06-Nov-94 08:49:37 GMT",  // RFC 850
           "Sun Nov  6 08:49:37 1994",        // asctime
           "Mon, 06 Nov 1994 08:49:37 GMT",   // another weekday
           "Sun, 06 Nov 1994 08:49:37 UTC",   //
           "Sun, 06 Nov 1994 08:49:37 gmt",   //
           "sun, 06 Nov 1994 08:49:37 GMT",   //
           "Sun, 06 nov 1994 08:49:37 GMT",   //
           "Sun,  6 Nov 1994 08:49:37 GMT",   //
           "Sun, 06 Nov 1994 24:00:00 GMT",   //
           "Sun, 06 Nov 1994 08:60:37 GMT",   //
           "Sun, 06 Nov 1994 08:49:60 GMT",   //
           "Thu, 30 Feb 2024 00:00:00 GMT",   // no such day
           "Wed, 29 Feb 2023 00:00:00 GMT",   // no leap year
           "Sun, 06 Nov 1994 08:49:37 GMT ",  //
           " Sun, 06 Nov 1994 08:49:37 GMT",  //
           "Sun, 06 Nov 1994 08-49-37 GMT",   //
           "Sun, 06 Nov -994 08:49:37 GMT",   //
           "Sun, ;6 Nov 1994 08:49:37 GMT",   // ';' follows '9' in ASCII
           "Sun, 06 Nov \xFF\xFF\xFF\xFF 08:49:37 GMT",
       }) {
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
  }
}

TEST(ParseDuration, KnowsEveryUnitAlone) {
  EXPECT_EQ(must_parse("250ms"), 250ms);
  EXPECT_EQ(must_parse("50s"), 50s);
  EXPECT_EQ(must_parse("3m"), 3min);
  EXPECT_EQ(must_parse("2h"), 2h);
  EXPECT_EQ(must_parse("1d"), 24h);
  EXPECT_EQ(must_parse("0s"), 0ms);
}

TEST(ParseDuration, AddsUnitsGluedTogether) {
  EXPECT_EQ(must_parse("1d10h30m"), 34h + 30min);
  EXPECT_EQ(must_parse("1h30m3s"), 1h + 30min + 3s);
  EXPECT_EQ(must_parse("1m5ms"), 1min + 5ms);
  EXPECT_EQ(must_parse("3s1h"), 1h + 3s);
}

TEST(ParseDuration, ABareNumberIsSeconds) {
  EXPECT_EQ(must_parse("90"), 90s);
  EXPECT_EQ(must_parse("1.5"), 1500ms);
  EXPECT_EQ(must_parse("0"), 0ms);
  EXPECT_EQ(must_parse("007"), 7s);
}

TEST(ParseDuration, TakesDecimalsOfEveryUnit) {
  EXPECT_EQ(must_parse("1.5s"), 1500ms);
  EXPECT_EQ(must_parse("0.25h"), 15min);
  EXPECT_EQ(must_parse("1.5d"), 36h);
  EXPECT_EQ(must_parse(".5m"), 30s);
  EXPECT_EQ(must_parse("2.s"), 2s);
  EXPECT_EQ(must_parse("0.001s"), 1ms);
  EXPECT_EQ(must_parse("0.3s"), 300ms);
}

TEST(ParseDuration, RoundsUpSoThatWhatIsPositiveIsNeverZero) {
  EXPECT_EQ(must_parse("0.1ms"), 1ms);
  EXPECT_EQ(must_parse("1.0001s"), 1001ms);
  EXPECT_EQ(must_parse("0.0000s"), 0ms);
}

TEST(ParseDuration, IgnoresBlanksAround) { EXPECT_EQ(must_parse(" \t90s "), 90s); }

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text :
       {"",   " ",    "s",    "-1s",  "+1s", "-5",  "1h 30m", "1 s",      "1d2",
        "5x", "5S",   "5D",   "5w",   "5us", "5ns", "1..5s",  "1.5.s",    ".",
        ".s", "1e3s", "0x10", "1,5s", "abc", "1ss", "1s-",    "Infinity", "NaN"}) {
    const Result<Duration> duration = parse_duration(text);
    ASSERT_FALSE(duration.has_value()) << text;
    EXPECT_EQ(duration.error().code, ErrorCode::kInvalidRequest);
    EXPECT_NE(duration.error().text.find(text), std::string::npos) << "the text names the value";
  }
}

TEST(ParseDuration, EndsAtAHundredYears) {
  EXPECT_EQ(must_parse("36525d"), kHundredYears);
  EXPECT_EQ(must_parse("3155760000"), kHundredYears);
  for (const char* text : {"36525d1ms", "36526d", "3155760001", "36524d25h",
                           "99999999999999999999s", "36525d36525d36525d36525d", "36525.1d"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(ParseDuration, AnyNumberOfDigitsIsReadWithoutOverflow) {
  EXPECT_EQ(must_parse("0." + std::string(1000, '9') + "s"), 1s);
  EXPECT_EQ(must_parse(std::string(1000, '0') + "1s"), 1s);
  EXPECT_FALSE(parse_duration(std::string(1000, '9') + "s").has_value());
}

TEST(ParseGoDuration, ReadsWhatGoWrites) {
  EXPECT_EQ(parse_go_duration("6m5s"), 6min + 5s);
  EXPECT_EQ(parse_go_duration("1h15m30.918273645s"), 1h + 15min + 30'919ms);
  EXPECT_EQ(parse_go_duration("1.5h"), 90min);
  EXPECT_EQ(parse_go_duration("12ms"), 12ms);
  EXPECT_EQ(parse_go_duration("0s"), 0ms);
  EXPECT_EQ(parse_go_duration("0"), 0ms);
}

TEST(ParseGoDuration, RoundsPartsOfAMillisecondUp) {
  EXPECT_EQ(parse_go_duration("1ns"), 1ms);
  EXPECT_EQ(parse_go_duration("1001us"), 2ms);
  EXPECT_EQ(parse_go_duration("1500\u00B5s"), 2ms);
  EXPECT_EQ(parse_go_duration("2000\u03BCs"), 2ms);
}

TEST(ParseGoDuration, RefusesWhatGoRefusesAndNegativeValues) {
  for (const char* text :
       {"", "5", "1.5", "1d", "-1s", "+1s", " 1s", "s", "1h 2m", "1000000000h"}) {
    EXPECT_FALSE(parse_go_duration(text).has_value()) << text;
  }
}

TEST(ParseGoDuration, EndsAtAHundredYearsInEveryUnit) {
  for (const char* text : {"3155760000000000000ns", "3155760000000000us", "3155760000000ms",
                           "3155760000s", "52596000m", "876600h"}) {
    EXPECT_EQ(parse_go_duration(text), kHundredYears) << text;
  }
  for (const char* text :
       {"3155760000000000001ns", "3155760000000001us", "3155760000001ms", "3155760001s",
        "52596001m", "876601h", "876600h1ns", "9223372036854775807ns", "9223372036854775808ns",
        "18446744073709551616ns", "18446744073709551617ns", "92233720368547758080ns",
        "1h999999999999999999999999ns", "1222222222222222222222222222222222222ns"}) {
    EXPECT_EQ(parse_go_duration(text), std::nullopt) << text;
  }
}

TEST(FormatDuration, IsShort) {
  const std::vector<std::pair<Duration, const char*>> cases = {
      {0ms, "0s"},          {250ms, "250ms"}, {1500ms, "1500ms"}, {90s, "90s"},
      {26h, "1d2h"},        {60s, "1m"},      {90min, "90m"},     {1h + 1ms, "1h1ms"},
      {24h + 1ms, "1d1ms"}, {7 * 24h, "7d"},  {5h, "5h"},         {-90s, "-90s"},
  };
  for (const auto& [duration, text] : cases) EXPECT_EQ(format_duration(duration), text);
}

TEST(FormatDuration, IsReadBackAsTheSameValue) {
  for (std::int64_t ms = 0; ms < 4'000'000'000; ms = ms * 3 / 2 + 7) {
    EXPECT_EQ(must_parse(format_duration(Duration(ms))), Duration(ms));
  }
  EXPECT_EQ(must_parse(format_duration(kHundredYears)), kHundredYears);
}

}  // namespace
}  // namespace ferry
