#pragma once

#include <cstdio>

#include "base/result.h"

namespace ferry::app::cli {

// How the process ends, for scripts.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kNotUnderstood = 2;

// Tells the person at the terminal and returns kFailed.
inline int report(const Error& error) {
  std::fprintf(stderr, "ferry: %s\n", error.text.c_str());
  return kFailed;
}

}  // namespace ferry::app::cli
