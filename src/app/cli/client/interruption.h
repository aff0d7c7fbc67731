#pragma once

#include <csignal>

#include "base/time.h"

namespace ferry::app::cli {

// While one lives, the first Ctrl-C (or SIGTERM) does not end the process but is remembered, so
// that a loop over pages ends between two calls, where nothing is half done. The second ends the
// process. One at a time, on the main thread.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(Interruption&&) = delete;

  bool requested() const;
  // Until the time is over or a signal came.
  void pause(Duration duration) const;

 private:
  struct sigaction before_int_{};
  struct sigaction before_term_{};
};

}  // namespace ferry::app::cli
