#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "dispatch/function_caller.h"
#include "dispatch/pushes.h"
#include "dispatch/stored_bodies.h"
#include "domain/hook.h"
#include "domain/retry_policy.h"
#include "domain/tenant.h"
#include "engine/protocol.h"
#include "http/client.h"

namespace ferry::dispatch {

struct Options {
  std::string region = "EU-CENTRAL-1";  // Upstash-Region (contract section 1.3)
  Duration attempt_timeout_max = std::chrono::hours(2);
  std::size_t response_bytes_max = 1u << 20;
  RetrySettings retry;  // the same as the engine's
  HookSettings hooks;
};

// Runs attempts: StartAttempt -> request -> Outcome. One object per I/O thread; all calls and
// callbacks on that thread. It keeps no state that matters: what it forgets in a crash is due
// again.
class Dispatcher {
 public:
  using Clock = std::function<TimePoint()>;
  // Called with RecordOutcome or NotStarted once for each attempt that was started, unless cut() or
  // stop() dropped it; and with AttemptAddress before that.
  using Report = std::function<void(engine::Command)>;

  // `functions` and `pushes` carry out the attempts of their kinds of targets, `bodies` brings what
  // is not in memory; they outlive the dispatcher.
  Dispatcher(asio::io_context& io, http::Client& client, FunctionCaller& functions, Pushes& pushes,
             StoredBodies& bodies, IdCodec ids, Options options, Clock clock, Report report,
             Metrics& metrics);
  ~Dispatcher();

  // The catalogue whose signing keys are used from now on.
  void set_catalog(TenantCatalogPtr catalog);

  void start(engine::StartAttempt attempt);

  // Closes the connection of a running attempt and forgets it: no outcome is reported. What a
  // broker's library has begun is abandoned. An attempt that does not run here is ignored.
  void cut(const engine::CutAttempt& attempt);

  std::uint32_t in_flight() const;

  // Running attempts are cut: no outcome is reported, the deliveries stay due. The object may be
  // destroyed once `stopped` is called.
  void stop(std::function<void()> stopped);

  struct State;  // of the source file

 private:
  std::shared_ptr<State> state_;
};

}  // namespace ferry::dispatch
