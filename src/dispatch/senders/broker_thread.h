#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/time.h"
#include "base/turn_queue.h"
#include "dispatch/senders/sender.h"
#include "http/awaitable.h"

namespace ferry::dispatch {

// The end of one push, in the hands of whoever carries it out. Copies mean the same push. Any
// thread may use it while the io_context of the waiting coroutine exists.
class PushEnd {
 public:
  // Lets the waiting coroutine go on, on its own thread. The first end counts.
  void operator()(PushResult result) const;

  // Nobody waits any more: it has ended, or its deadline has passed.
  bool over() const;
  // What a blocking call may still take, never negative: a tenth less than until the deadline, so
  // that the library's own word on what went wrong comes in time.
  Duration left() const;

 private:
  friend class BrokerThread;
  struct Waiting;

  explicit PushEnd(std::shared_ptr<Waiting> waiting) : waiting_(std::move(waiting)) {}

  std::shared_ptr<Waiting> waiting_;
};

// The thread of a client library that blocks, behind one sender. Pushes are carried out there one
// after another, those of one share key (a tenant) in the order in which they came, the keys in
// turn; a push that is over before its turn is left out.
// Used on the sender's thread; it ends before the io_context does.
class BrokerThread {
 public:
  // Carries a push out, on this thread; it must not throw. It ends the push before it returns, or
  // keeps `end` for `poll` to do so. Its blocking calls must return within `end.left()`: the
  // destructor waits for them.
  using Call = std::function<void(const PushEnd& end)>;
  // Serves a library that goes on with pushes by itself: called when no call waits, first after a
  // call and then as long as it answers that pushes are under way. It may block for some
  // milliseconds, or for what the library has to say next about them.
  using Poll = std::function<bool()>;

  static constexpr std::size_t kCallsMax = 1024;  // that wait for their turn
  static constexpr std::size_t kPartsOfKey = 2;   // one key has at most one part of so many

  struct Limits {
    Duration timeout{0};
    std::uint64_t share_key = 0;
    http::Cut* cut = nullptr;  // the push is abandoned: the library may still carry it out
  };
  static Limits limits_of(const Push& push) {
    return {push.timeout, push.asker.share_key, push.asker.cut};
  }

  explicit BrokerThread(Poll poll = {}, std::size_t calls_max = kCallsMax);
  // Pushes whose turn has not come fail, to be tried again; waits for the call that runs.
  ~BrokerThread();
  BrokerThread(const BrokerThread&) = delete;
  BrokerThread& operator=(const BrokerThread&) = delete;

  // How the push ended; kFailed without an answer when it did not within the time-out, and
  // PushResult::lack when too many others wait for their turn, or when the library had no
  // descriptor. Touches nothing of this object once it
  // waits, so the object may end before the push does.
  Awaitable<PushResult> run(Limits limits, Call call);

 private:
  struct Turn {
    Call call;
    PushEnd end;
  };

  bool add(std::uint64_t share_key, Turn turn);
  void serve();

  const Poll poll_;
  const std::size_t calls_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  TurnQueue<Turn> turns_;  // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;     // last: it uses all of the above
};

}  // namespace ferry::dispatch
