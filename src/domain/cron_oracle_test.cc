#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/cron.h"
#include "domain/cron_under_test.h"

// Random expressions against the plainest reading of the rules: look at every minute (or day) and
// ask whether it matches. The oracle shares nothing with the code under test: it makes the sets of
// values together with the text, and has the changes of its zones written down.

namespace ferry {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct OracleField {
  std::string text;
  std::array<bool, 60> values = {};
  bool is_star = false;
};

int between(Random& random, int min, int max) {
  return min + static_cast<int>(random.below(static_cast<std::uint64_t>(max - min + 1)));
}

// Adds one random item to the field.
void add_item(Random& random, int min, int max, OracleField& field) {
  int start = min, end = max, step = 1;
  std::string text = "*";
  const auto kind = random.below(4);
  if (kind != 0) {
    start = end = between(random, min, max);
    text = std::to_string(start);
  }
  if (kind == 3) {
    end = between(random, start, max);
    text += "-" + std::to_string(end);
  }
  if (random.one_in(3)) {
    step = between(random, 1, (max - min) / 2);
    text += "/" + std::to_string(step);
    if (kind != 3) end = max;
  }
  for (int value = start; value <= end; value += step) {
    field.values.at(static_cast<std::size_t>(value)) = true;
  }
  field.is_star |= kind == 0 && step == 1;
  field.text += field.text.empty() ? text : "," + text;
}

OracleField random_field(Random& random, int min, int max) {
  OracleField field;
  do {
    add_item(random, min, max, field);
  } while (random.one_in(2));
  return field;
}

OracleField exactly(int value) {
  OracleField field{.text = std::to_string(value)};
  field.values.at(static_cast<std::size_t>(value)) = true;
  return field;
}

OracleField star(int min, int max) {
  OracleField field{.text = "*", .is_star = true};
  for (int value = min; value <= max; ++value)
    field.values.at(static_cast<std::size_t>(value)) = true;
  return field;
}

struct OracleCron {
  OracleField minute, hour, day, month, weekday;

  std::string text() const {
    return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
  }

  // Whether a clock that shows this minute matches; the type says UTC, the clock need not.
  bool matches(TimePoint clock) const {
    const auto date = std::chrono::floor<std::chrono::days>(clock);
    const std::chrono::year_month_day ymd(date);
    const std::chrono::hh_mm_ss time(clock - date);
    const bool day_matches = day.values.at(static_cast<unsigned>(ymd.day()));
    const bool weekday_matches = weekday.values.at(std::chrono::weekday(date).c_encoding());
    const bool date_matches = day.is_star || weekday.is_star ? day_matches && weekday_matches
                                                             : day_matches || weekday_matches;
    return date_matches && month.values.at(static_cast<unsigned>(ymd.month())) &&
           hour.values.at(static_cast<std::size_t>(time.hours().count())) &&
           minute.values.at(static_cast<std::size_t>(time.minutes().count()));
  }
};

// A zone with one change in the time that a test looks at.
struct OracleZone {
  std::string prefix;
  TimePoint change;
  Duration before;
  Duration after;

  TimePoint clock_at(TimePoint t) const { return t + (t < change ? before : after); }
};

std::vector<std::string> minutes_that_match(const OracleCron& cron, const OracleZone& zone,
                                            TimePoint after, TimePoint end) {
  std::vector<std::string> times;
  for (TimePoint t = after + minutes(1); t < end; t += minutes(1)) {
    if (cron.matches(zone.clock_at(t))) times.push_back(written(t));
  }
  return times;
}

std::vector<std::string> fires_until(const std::string& text, TimePoint after, TimePoint end) {
  std::vector<std::string> times;
  const Cron parsed = cron(text);
  for (auto t = parsed.next_after(after); t && *t < end; t = parsed.next_after(*t)) {
    times.push_back(written(*t));
  }
  return times;
}

const std::vector<OracleZone>& zones() {
  static const std::vector<OracleZone> all = {
      {"", utc("2026-02-28 23:00"), hours(0), hours(0)},
      {"TZ=Europe/Berlin ", utc("2026-03-29 01:00"), hours(1), hours(2)},
      {"TZ=Europe/Berlin ", utc("2026-10-25 01:00"), hours(2), hours(1)},
      {"TZ=America/New_York ", utc("2026-11-01 06:00"), hours(-4), hours(-5)},
      {"TZ=Australia/Lord_Howe ", utc("2026-04-04 15:00"), hours(11), minutes(630)},
      {"TZ=Australia/Lord_Howe ", utc("2026-10-03 15:30"), minutes(630), hours(11)},
  };
  return all;
}

TEST(CronOracle, EveryMinuteAroundAChangeOfTheClocksIsDecidedAlike) {
  Random random(2026);
  for (int round = 0; round < 240; ++round) {
    const OracleZone& zone = zones().at(random.below(zones().size()));
    const OracleCron oracle{.minute = random_field(random, 0, 59),
                            .hour = random_field(random, 0, 23),
                            .day = random_field(random, 1, 31),
                            .month = star(1, 12),
                            .weekday = random_field(random, 0, 6)};
    const TimePoint after = zone.change - minutes(between(random, 0, 1500));
    const TimePoint end = zone.change + hours(30);
    ASSERT_EQ(fires_until(zone.prefix + oracle.text(), after, end),
              minutes_that_match(oracle, zone, after, end))
        << zone.prefix << oracle.text() << " after " << written(after);
  }
}

TEST(CronOracle, EveryDayOfTenYearsIsDecidedAlike) {
  Random random(9999);
  for (int round = 0; round < 60; ++round) {
    const OracleCron oracle{.minute = exactly(30),
                            .hour = exactly(12),
                            .day = random_field(random, 1, 31),
                            .month = random_field(random, 1, 12),
                            .weekday = random_field(random, 0, 6)};
    const TimePoint first = utc("2023-01-01 12:30") + std::chrono::days(between(random, 0, 365));
    const TimePoint end = first + std::chrono::days(3653);
    std::vector<std::string> expected;
    for (TimePoint t = first; t < end; t += std::chrono::days(1)) {
      if (oracle.matches(t)) expected.push_back(written(t));
    }
    ASSERT_EQ(fires_until(oracle.text(), first - Duration(1), end), expected) << oracle.text();
  }
}

}  // namespace
}  // namespace ferry
