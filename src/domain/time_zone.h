#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace date {
class time_zone;  // NOLINT: the library named it
}

namespace ferry {

// How far a zone's wall clocks are ahead of UTC (negative: behind), and the first moment at which
// they no longer are; for the last offset that is known, a moment beyond the year 9999.
struct UtcOffset {
  Duration offset;
  TimePoint until;

  friend bool operator==(const UtcOffset&, const UtcOffset&) = default;
};

// A zone of the IANA database as the system's tzdata has it. A value of one pointer: what it shows
// is loaded once a process, never changes and may be read from any thread. A newer tzdata is seen
// after a restart.
//
// The zone files list the changes of offset until 2037; after the last of them its offset stays.
class TimeZone {
 public:
  TimeZone() = default;  // UTC, which needs no tzdata

  // The zone of that name ("Europe/Berlin"; upper and lower case matter). kInvalidRequest for a
  // name that the database lacks, or when there is no database. The first call lists the database
  // and the first one of a name reads its file: milliseconds, on the disk.
  static Result<TimeZone> find(std::string_view name);

  UtcOffset offset_at(TimePoint t) const;

  friend bool operator==(const TimeZone&, const TimeZone&) = default;

 private:
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_ = nullptr;  // lives until the program ends; null is UTC
};

}  // namespace ferry
