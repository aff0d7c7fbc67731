#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ferry::app::cli {

// A point in time as a person gives it: "2026-11-21", "2026-11-21T08:30", "2026-11-21T08:30:00Z"
// with or without a fraction (all UTC), unix milliseconds (at least eleven digits), or a duration
// before `now` ("15m", "2d"). kInvalidRequest for anything else.
Result<TimePoint> parse_moment(std::string_view text, TimePoint now);

}  // namespace ferry::app::cli
