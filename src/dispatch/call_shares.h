#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/result.h"

namespace ferry::dispatch {

// How many synchronous calls of functions run at once, so that endpoints that do not answer leave
// room to all others. A call counts as slow once it runs for a second, and from its start if its
// endpoint has not answered quickly for a while. Of all places, slow calls have half, those of one
// share key (a tenant) a quarter and those of one endpoint an eighth; calls of endpoints that
// answer quickly have what is free. Any thread: one mutex, taken twice for a call.
class CallShares {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  class Place;

  using Clock = std::function<SteadyTime()>;

  CallShares(std::size_t calls_max, Clock clock)
      : calls_max_(calls_max), clock_(std::move(clock)) {}

  // A place for a call, until the Place ends; it ends before this object. kShareExhausted says
  // whose share is used up.
  Result<std::unique_ptr<Place>> take(std::uint64_t share_key, const std::string& endpoint);

  std::size_t running() const;

 private:
  struct Endpoint {
    std::size_t running = 0;
    std::size_t slow = 0;
    SteadyTime quick_until{};  // it answered quickly not long ago
  };
  struct Call {
    std::uint64_t share_key = 0;
    const std::string* endpoint = nullptr;  // the key in endpoints_
    SteadyTime started_at{};
    bool slow = false;
  };
  using Calls = std::list<Call>;

  // All with the mutex held.
  void count_slow(Call& call);
  void find_slow(SteadyTime now);
  Result<void> check(std::uint64_t share_key, const Endpoint& endpoint, bool quick) const;
  void forget_endpoints(SteadyTime now);
  void end_call(Calls::iterator call, bool answered);

  const std::size_t calls_max_;
  const Clock clock_;
  mutable std::mutex mutex_;
  std::size_t running_ = 0;
  std::size_t slow_ = 0;
  Calls young_;  // not slow, the oldest first
  Calls old_;    // slow
  std::unordered_map<std::string, Endpoint> endpoints_;
  std::unordered_map<std::uint64_t, std::size_t> slow_of_;  // by share key
};

// One of the calls that run.
class CallShares::Place {
 public:
  ~Place() { shares_.end_call(call_, answered_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // The endpoint has answered, whatever.
  void note_answer() { answered_ = true; }

 private:
  friend class CallShares;
  Place(CallShares& shares, Calls::iterator call) : shares_(shares), call_(call) {}

  CallShares& shares_;
  const Calls::iterator call_;
  bool answered_ = false;
};

}  // namespace ferry::dispatch
