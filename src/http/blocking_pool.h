#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "http/awaitable.h"

namespace ferry::http {

// Threads for calls that block (store reads, name resolution). Owned by `app`; any thread may post.
// It ends when no io_context runs any more but all still exist, as dropped calls take the
// coroutines that wait for them along.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads);
  ~BlockingPool();  // waits for what runs, drops what has not started
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  void post(std::function<void()> call);

  // Runs `call` on a thread of the pool; the coroutine goes on where it was, on its own thread.
  // `call` must not throw and should write its result into what the caller keeps alive.
  Awaitable<void> run(std::function<void()> call);

  struct Turn {
    std::uint64_t owner = 0;
    bool goes_on = false;  // part of something begun: before what its owner has in line
  };
  // The same for calls that may take long, of many owners: they take turns call by call, each in
  // its own order, and of several threads one is always left by an owner to all others.
  Awaitable<void> run_in_turn(Turn turn, std::function<void()> call);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::http
