#pragma once

// What cannot happen is CHECKed, in release builds too: a broken invariant ends the process, and
// recovery from the store is the one way back (ARCHITECTURE.md, "A failed commit ends the engine").

namespace ferry {

// Prints the failed condition and its place to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ferry

#define CHECK(condition)                                            \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::ferry::check_failed(#condition, __FILE__, __LINE__);        \
  } while (false)
