#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "http/awaitable.h"
#include "http/link.h"

namespace ferry::http {

using SteadyTime = std::chrono::steady_clock::time_point;

// A moment after which something is called, once. Arming and disarming are a few pointer writes;
// ending the object disarms it.
class Deadline : private Link {
 public:
  explicit Deadline(std::function<void()> expired) : expired_(std::move(expired)) {}

  bool armed() const { return linked(); }
  void disarm() { unlink(); }

 private:
  friend class DeadlineWheel;

  std::function<void()> expired_;
  std::int64_t tick_ = 0;
};

// All deadlines of one client behind one timer, which runs only while something is armed. Deadlines
// hang in slots of 8 ms; one that lies further ahead than the wheel's 8 s is looked at once a turn.
// So a deadline is never early and, on an idle machine, at most 9 ms late. One thread, the
// io_context's.
class DeadlineWheel {
 public:
  explicit DeadlineWheel(asio::io_context& io);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Replaces the moment when it is armed already. A moment that has passed expires in the next turn
  // of the loop, never inside this call.
  void arm(Deadline& deadline, SteadyTime at);

  // Lets the timer go, so that it does not keep the io_context busy; nothing expires any more.
  void stop();

 private:
  struct State;
  std::shared_ptr<State>
      state_;  // shared with the timer's completion, which may run after the wheel's end
};

}  // namespace ferry::http
