#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/cut.h"
#include "http/deadline.h"
#include "http/link.h"
#include "http/one_shot.h"

namespace ferry::http {

// One send() from beginning to end: its deadline, the connection it uses, and what to break when
// the deadline passes or the client stops. After every wait its coroutine asks `cut_short()`.
class RunningRequest : public Link {
 public:
  enum class Phase : std::uint8_t { kResolving, kConnecting, kTunnel, kTls, kWaiting, kReading };

  RunningRequest(DeadlineWheel& wheel, Duration timeout);
  ~RunningRequest();  // closes the connection unless it was released

  void enter(Phase phase) { phase_ = phase; }

  // The moment by which the coroutine must be done with what comes next; never beyond the time-out.
  void limit(SteadyTime at);
  void limit_to_timeout() { limit(end_); }

  // A limit that passed before the time-out is forgiven when there is something else to try.
  void forgive();

  void stop();

  // Ends with kCut when `cut` is cut. It outlives this object; null: never.
  void obey(Cut* cut);

  bool cut_short() const { return cause_ != Cause::kNone; }
  // kTimedOut, kStopping or kCut, once cut short.
  Error error() const;

  void use(std::shared_ptr<Connection> connection);
  Connection& connection() const { return *connection_; }
  std::shared_ptr<Connection> release() { return std::move(connection_); }

  // The connection was lost, and it is certain that no program read a byte of the request.
  void note_unsent(bool unsent) { unsent_ = unsent; }
  bool unsent() const { return unsent_; }

  // Returns after `duration`, or at once when the request is cut short.
  Awaitable<void> pause(Duration duration);

  // What to wake instead of closing the connection; null: nothing.
  void wait_on(OneShot* wait) { wait_ = wait; }

 private:
  enum class Cause : std::uint8_t { kNone, kTimedOut, kStopped, kCut };

  void cut(Cause cause);

  DeadlineWheel& wheel_;
  Deadline deadline_;
  CutPoint cut_point_;
  SteadyTime begin_;
  SteadyTime end_;
  SteadyTime limit_;
  std::shared_ptr<Connection> connection_;
  OneShot* wait_ = nullptr;
  Phase phase_ = Phase::kResolving;
  Cause cause_ = Cause::kNone;
  bool unsent_ = false;
};

}  // namespace ferry::http
