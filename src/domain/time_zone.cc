#include "domain/time_zone.h"

#include <date/tz.h>

#include <exception>
#include <string>

// The one place that knows the date library. It takes its zones from the operating system's files
// (USE_OS_TZDB) and never downloads; a name is looked up in the list of those files, so it cannot
// lead to any other file.

namespace ferry {
namespace {

constexpr TimePoint kEndOfTime = std::chrono::sys_days(std::chrono::year(32767) / 12 / 31);

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC") return TimeZone();
  try {
    const date::time_zone* const zone = date::locate_zone(std::string(name));
    zone->get_info(
        date::sys_seconds());  // reads the file, which alone can fail: here and not later
    return TimeZone(zone);
  } catch (const std::exception&) {
    return fail(ErrorCode::kInvalidRequest, "unknown time zone " + std::string(name));
  }
}

UtcOffset TimeZone::offset_at(TimePoint t) const {
  if (zone_ == nullptr) return {.offset = Duration::zero(), .until = kEndOfTime};
  const date::sys_info info = zone_->get_info(t);
  return {.offset = info.offset, .until = info.end};
}

}  // namespace ferry
