#pragma once

#include <cstdint>

#include "http/awaitable.h"

namespace ferry::http {

// CPU that one call may take of an I/O thread before everything else there has its turn.
inline constexpr std::int64_t kCpuSliceUs = 2'000;

// CPU time of the calling thread in microseconds (CLOCK_THREAD_CPUTIME_ID).
std::int64_t thread_cpu_us();

// The slice of a call that has much to do: it asks used_up() after every small piece of work, and
// when that is true awaits pause(), after which the next slice begins. Made and used on one I/O
// thread.
class CpuSlice {
 public:
  CpuSlice() : begin_us_(thread_cpu_us()) {}

  bool used_up() const { return thread_cpu_us() - begin_us_ >= kCpuSliceUs; }
  // Everything that is ready on this thread runs first.
  Awaitable<void> pause();

 private:
  std::int64_t begin_us_;
};

}  // namespace ferry::http
