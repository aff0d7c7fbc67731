#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include "base/log.h"

namespace ferry {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", condition, file, line);
  log::flush();  // the lines before the failure say how it came about
  std::abort();
}

}  // namespace ferry
