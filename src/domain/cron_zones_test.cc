#include <gtest/gtest.h>

#include "domain/cron.h"
#include "domain/cron_under_test.h"

// Cron where wall clocks and UTC part: what is skipped does not fire, what comes twice fires twice.

namespace ferry {
namespace {

TEST(CronZones, FieldsAreReadByTheClocksOfTheZone) {
  expect_firings({
      {"CRON_TZ=Asia/Kathmandu 0 9 * * *", "2026-11-22 00:00", {"2026-11-22 03:15"}},
      {"TZ=Asia/Kathmandu 30 * * * *", "2026-11-22 00:00", {"2026-11-22 00:45"}},
      {"TZ=Asia/Tokyo @daily", "2026-11-22 14:59", {"2026-11-22 15:00", "2026-11-23 15:00"}},
      {"TZ=America/New_York 0 20 31 12 *", "2026-01-02 00:00", {"2027-01-01 01:00"}},
      {"TZ=Pacific/Kiritimati 0 0 1 1 *", "2026-01-02 00:00", {"2026-12-31 10:00"}},
      {"CRON_TZ=UTC 0 9 * * *", "2026-11-22 00:00", {"2026-11-22 09:00"}},
  });
}

// 2026-03-29 at 01:00 UTC the clocks go from 02:00 to 03:00, on 2026-10-25 at 01:00 from 03:00
// back.
TEST(CronZones, BerlinChangesAtOneInTheMorningOfGreenwich) {
  const std::string spring = "2026-03-28 12:00", autumn = "2026-10-24 12:00";
  expect_firings({
      {"TZ=Europe/Berlin 59 1 * * *", spring, {"2026-03-29 00:59", "2026-03-29 23:59"}},
      {"TZ=Europe/Berlin 0 2 * * *", spring, {"2026-03-30 00:00"}},
      {"TZ=Europe/Berlin 30 2 * * *", spring, {"2026-03-30 00:30", "2026-03-31 00:30"}},
      {"TZ=Europe/Berlin 59 2 * * *", spring, {"2026-03-30 00:59"}},
      {"TZ=Europe/Berlin 0 3 * * *", spring, {"2026-03-29 01:00", "2026-03-30 01:00"}},
      {"TZ=Europe/Berlin */30 * * * *",
       "2026-03-29 00:10",
       {"2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30"}},
      {"TZ=Europe/Berlin 0 2 * * *",
       autumn,
       {"2026-10-25 00:00", "2026-10-25 01:00", "2026-10-26 01:00"}},
      {"TZ=Europe/Berlin 59 2 * * *", autumn, {"2026-10-25 00:59", "2026-10-25 01:59"}},
      {"TZ=Europe/Berlin 0 3 * * *", autumn, {"2026-10-25 02:00", "2026-10-26 02:00"}},
      {"TZ=Europe/Berlin 0 * * * *",
       "2026-10-24 23:30",
       {"2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:00"}},
  });
}

TEST(CronZones, NewYorkLeapsAheadInMarchAndBackInNovember) {
  expect_firings({
      {"TZ=America/New_York 30 2 * * *", "2026-03-07 12:00", {"2026-03-09 06:30"}},
      {"TZ=America/New_York 0 3 * * *", "2026-03-07 12:00", {"2026-03-08 07:00"}},
      {"TZ=America/New_York 30 1 * * *",
       "2026-10-31 12:00",
       {"2026-11-01 05:30", "2026-11-01 06:30", "2026-11-02 06:30"}},
      // The cases of the robfig parser's own tests.
      {"TZ=America/New_York 30 2 11 Mar ?", "2012-03-11 05:00", {"2013-03-11 06:30"}},
      {"TZ=America/New_York 30 2 04 Nov ?", "2012-11-04 04:00", {"2012-11-04 07:30"}},
      {"TZ=America/New_York 30 1 04 Nov ?", "2012-11-04 05:45", {"2012-11-04 06:30"}},
  });
}

// In April 02:00 becomes 01:30 at 15:00 UTC, in October 02:00 becomes 02:30 at 15:30 UTC.
TEST(CronZones, LordHoweShiftsByHalfAnHour) {
  const std::string april = "2026-04-04 12:00", october = "2026-10-03 12:00";
  expect_firings({
      {"TZ=Australia/Lord_Howe 29 1 * * *", april, {"2026-04-04 14:29", "2026-04-05 14:59"}},
      {"TZ=Australia/Lord_Howe 30 1 * * *", april, {"2026-04-04 14:30", "2026-04-04 15:00"}},
      {"TZ=Australia/Lord_Howe 45 1 * * *",
       april,
       {"2026-04-04 14:45", "2026-04-04 15:15", "2026-04-05 15:15"}},
      {"TZ=Australia/Lord_Howe 0 2 * * *", april, {"2026-04-04 15:30"}},
      {"TZ=Australia/Lord_Howe 15 2 * * *", october, {"2026-10-04 15:15"}},
      {"TZ=Australia/Lord_Howe 30 2 * * *", october, {"2026-10-03 15:30", "2026-10-04 15:30"}},
      {"TZ=Australia/Lord_Howe 0,20,40 * * * *",
       "2026-10-03 15:00",
       {"2026-10-03 15:10", "2026-10-03 15:40", "2026-10-03 16:00"}},
  });
}

TEST(CronZones, MidnightsAndWholeDaysMayBeMissing) {
  expect_firings({
      // The clocks of 2018-11-04 began at 01:00.
      {"TZ=America/Sao_Paulo @daily", "2018-11-03 12:00", {"2018-11-05 02:00"}},
      // Samoa crossed the date line and had no 2011-12-30.
      {"TZ=Pacific/Apia 0 12 * * *", "2011-12-29 00:00", {"2011-12-29 22:00", "2011-12-30 22:00"}},
      {"TZ=Pacific/Apia 0 12 30 12 *", "2011-12-29 00:00", {"2012-12-29 22:00"}},
  });
}

// Tehran set its clocks ahead at midnight of 22 March, in leap years of 21 March.
TEST(CronZones, AMinuteThatMostYearsSkipIsFoundYearsLater) {
  expect_firings({{"TZ=Asia/Tehran 30 0 22 3 *",
                   "2009-01-01 00:00",
                   {"2012-03-21 20:00", "2016-03-21 20:00"}}});
}

}  // namespace
}  // namespace ferry
