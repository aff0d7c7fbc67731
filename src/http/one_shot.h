#pragma once

#include <functional>
#include <memory>

#include "http/awaitable.h"

namespace ferry::http {

// One coroutine waits, someone on the same thread wakes it: the bridge from completions (a reply of
// the engine, a slot that came free) to `co_await`. Waking before the wait is remembered. One
// waiter only. Whoever keeps a OneShot that is waited for wakes it before the io_context ends: the
// waiting coroutine is held by the OneShot alone, and so would hold itself for good.
class OneShot {
 public:
  OneShot();
  ~OneShot();
  OneShot(OneShot&&) = delete;

  // Returns once wake() was called.
  Awaitable<void> wait();
  // The waiter goes on from the event loop, never inside this call.
  void wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::http
