#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "engine/protocol.h"

namespace ferry::engine {

// The bounded queue in front of an engine: many producers, one consumer. The only mutex of the
// core. New work is refused when a bound is reached; outcomes, loads and operator commands always
// enter
// (`push_always`), because refusing them would lose what is already promised.
class Inbox {
 public:
  struct Options {
    std::size_t commands_max = 65'536;
    std::size_t bytes_max = 256u << 20;
  };

  // `wake` is called, outside the lock, by the producer whose push made the inbox non-empty.
  Inbox(Options options, Metrics& metrics, std::function<void()> wake);

  // kOverloaded when full; the command is then unchanged and may be tried again.
  [[nodiscard]] Result<void> push(Command& command);
  void push_always(Command command);
  void push_always(std::vector<Command> commands);

  // Takes everything, in order; empty when nothing is there. The consumer's thread only.
  std::vector<Command> take();

  bool empty() const;

 private:
  Options options_;
  Metrics& metrics_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::vector<Command> commands_;
  std::size_t bytes_ = 0;
};

}  // namespace ferry::engine
