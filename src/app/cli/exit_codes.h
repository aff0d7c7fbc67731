#pragma once

#include <cstdio>

#include "base/result.h"

namespace ferry::app::cli {

// How the process ends, for scripts.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  // of a call: the server refused it
inline constexpr int kNotUnderstood = 2;
inline constexpr int kUnreachable = 3;    // no answer from the server
inline constexpr int kNoSuchThing = 4;    // the server does not know what the call names
inline constexpr int kInterrupted = 130;  // Ctrl-C between two calls; as shells have it

// Tells the person at the terminal and returns kFailed.
inline int report(const Error& error) {
  std::fprintf(stderr, "ferry: %s\n", error.text.c_str());
  return kFailed;
}

}  // namespace ferry::app::cli
