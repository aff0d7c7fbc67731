#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ferry {

// A minute on a wall clock, in whatever zone the clock hangs.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

// How far a search for a match looks ahead. Every pair of day and month that exists at all comes
// within 8 years (29 February, 2096 to 2104); the rest is for a zone that skips it just then.
inline constexpr std::chrono::years kCronSearchMax{20};

// The five fields of a cron expression as the sets of values they allow. It knows the calendar but
// no time zone.
class CronFields {
 public:
  // "minute hour day-of-month month day-of-week"; the grammar is in the source file.
  // kInvalidHeader with a text that ends in the name of the field at fault.
  static Result<CronFields> parse(std::string_view text);

  // The first minute that matches, `from` or later; nothing if none does within kCronSearchMax,
  // which means never. Looks at one day and then at whole months, at most 12 a year.
  std::optional<LocalMinute> first_from(LocalMinute from) const;

  friend bool operator==(const CronFields&, const CronFields&) = default;

 private:
  CronFields() = default;

  std::uint64_t days_of(std::chrono::year_month month) const;
  std::optional<std::chrono::local_days> day_from(std::chrono::local_days from) const;
  std::optional<std::chrono::minutes> time_from(std::chrono::minutes time_of_day) const;

  // Bit n stands for the value n. Minutes, hours and months are never empty.
  std::uint64_t minutes_ = 0;        // 0-59
  std::uint64_t hours_ = 0;          // 0-23
  std::uint64_t days_of_month_ = 0;  // 1-31
  std::uint64_t months_ = 0;         // 1-12
  std::uint64_t days_of_week_ = 0;   // 0-6, 0 is Sunday
  // Both day fields restrict, so a day matches when either does; else it must match both.
  bool either_day_ = false;
};

}  // namespace ferry
