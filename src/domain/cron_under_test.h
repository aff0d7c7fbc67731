#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/cron.h"

// How the tests of cron write moments: "2026-03-29 01:30", in UTC, with seconds where they matter.

namespace ferry {

inline TimePoint utc(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double seconds = 0;
  const int read = std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%lf", &year, &month, &day, &hour,
                               &minute, &seconds);
  EXPECT_GE(read, 5) << text;
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + Duration(static_cast<std::int64_t>(seconds * 1000));
}

inline std::string written(std::optional<TimePoint> t) {
  if (!t) return "never";
  std::string text = format_rfc3339(*t);
  text[10] = ' ';
  const bool is_whole_minute = text.substr(16) == ":00.000Z";
  return text.substr(0, is_whole_minute ? 16 : 19);
}

inline Cron cron(std::string_view text) {
  auto parsed = Cron::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().text);
  return parsed.value();
}

// The next `count` times to fire.
inline std::vector<std::string> fires(std::string_view text, const std::string& after,
                                      std::size_t count) {
  const Cron parsed = cron(text);
  std::vector<std::string> times;
  std::optional<TimePoint> t = utc(after);
  while (times.size() < count && t) {
    t = parsed.next_after(*t);
    times.push_back(written(t));
  }
  return times;
}

struct Firing {
  std::string cron;
  std::string after;
  std::vector<std::string> times;  // "never" ends them
};

inline void expect_firings(const std::vector<Firing>& firings) {
  for (const Firing& row : firings) {
    EXPECT_EQ(fires(row.cron, row.after, row.times.size()), row.times)
        << row.cron << " after " << row.after;
  }
}

}  // namespace ferry
