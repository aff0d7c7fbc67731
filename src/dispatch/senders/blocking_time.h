#pragma once

#include <sys/time.h>

#include <algorithm>
#include <cstddef>

#include "base/time.h"

// How long the blocking calls of client libraries may take.

namespace ferry::dispatch {

// At least a millisecond: libraries take zero for "for ever".
inline ::timeval to_timeval(Duration d) {
  const auto ms = std::max(d, Duration{1}).count();
  return {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

// What the next of `count` tries may take, so that all of them fit into `left`.
inline Duration share(Duration left, std::size_t count) {
  return left / static_cast<Duration::rep>(count);
}

}  // namespace ferry::dispatch
