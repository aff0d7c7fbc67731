#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Time as values. There is no clock here: whoever needs the time is given it.

namespace ferry {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;  // UTC, to the millisecond

constexpr std::int64_t to_unix_ms(TimePoint t) { return t.time_since_epoch().count(); }
constexpr TimePoint from_unix_ms(std::int64_t ms) { return TimePoint(Duration(ms)); }
constexpr std::int64_t to_unix_seconds(TimePoint t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

// Days since 1970-01-01 (UTC); names the history file of a moment.
constexpr std::int64_t utc_day(TimePoint t) {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

// "2026-11-21T08:30:00.125Z" (RFC 3339).
std::string format_rfc3339(TimePoint t);

// "2026-11-21", for file names.
std::string format_day(std::int64_t utc_day);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, IMF-fixdate).
std::string format_http_date(TimePoint t);

// The IMF-fixdate form only; nothing for any other text.
std::optional<TimePoint> parse_http_date(std::string_view text);

// The API's duration grammar (contract section 0.4): `<number><unit>` glued together with the units
// ms, s, m, h and d, decimals allowed; a bare number is seconds; blanks around it are ignored.
// Rounded up to a whole millisecond. kInvalidRequest for anything else, negative values and values
// beyond 100 years.
Result<Duration> parse_duration(std::string_view text);

// Go's duration text ("6m5s", "1.5h"; units ns us µs ms s m h), as some rate-limit headers carry
// it. Rounded up to a whole millisecond; nothing for a negative value or one beyond 100 years.
std::optional<Duration> parse_go_duration(std::string_view text);

// "1d2h", "90s", "250ms": whole days, then the shortest form of the rest. parse_duration reads it
// back as the same value; a negative one gets a '-', which parse_duration refuses.
std::string format_duration(Duration d);

}  // namespace ferry
