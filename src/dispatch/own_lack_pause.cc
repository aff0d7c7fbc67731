#include "dispatch/own_lack_pause.h"

#include <algorithm>

namespace ferry::dispatch {
namespace {

using engine::NotStartedReason;

constexpr Duration kFirst{100};
constexpr Duration kLongest{5'000};
// A lack is over when it has not been seen for this long after the pause.
constexpr Duration kCalm{1'000};

}  // namespace

NotStartedReason not_started_reason(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOutOfDescriptors:
    case ErrorCode::kOutOfPorts:
      return NotStartedReason::kDescriptors;
    case ErrorCode::kOutOfMemory:
      return NotStartedReason::kMemory;
    case ErrorCode::kResolverBusy:
      return NotStartedReason::kResolver;
    case ErrorCode::kShareExhausted:
      return NotStartedReason::kTenant;
    default:
      return NotStartedReason::kBusy;
  }
}

// Attempts that fail within one pause say nothing new.
TimePoint OwnLackPause::end_after(NotStartedReason reason, TimePoint now) {
  Lack& lack = lacks_[static_cast<std::size_t>(reason)];
  if (lack.pause == Duration{0} || now > lack.since + 2 * lack.pause + kCalm) {
    lack = {now, kFirst};
  } else if (now >= lack.since + lack.pause) {
    lack = {now, std::min(2 * lack.pause, kLongest)};
  }
  const auto jitter = random_.below(static_cast<std::uint64_t>(lack.pause.count()) / 2 + 1);
  return now + lack.pause + Duration(static_cast<Duration::rep>(jitter));
}

}  // namespace ferry::dispatch
