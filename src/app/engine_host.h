#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/clock.h"
#include "app/settings.h"
#include "engine/engine.h"
#include "engine/inbox.h"
#include "http/awaitable.h"
#include "http/blocking_pool.h"
#include "store/store.h"

namespace ferry::app {

// Gives an engine its thread, its clock and its inbox, and carries its effects to where they
// belong.
//
// Hosted inline, the engine runs on the loop of the only I/O thread, once everything that was ready
// has run: one batch a loop turn and no hand-over. Hosted on a thread of its own, one batch
// is committed while the next gathers in the inbox. `kAuto` takes inline for one I/O thread and a
// fast disk, and moves to a thread for good when commits turn out slow.
class EngineHost {
 public:
  // Where effects go. `to_io` runs them on I/O thread `thread`; it is called on the engine's
  // thread, or on the loop of I/O thread 0 while hosted inline.
  struct Routes {
    std::uint32_t io_threads = 1;
    std::function<void(std::uint32_t thread, std::vector<engine::Effect> effects)> to_io;
    // The engine ended: everyone who waits gets this error.
    std::function<void(Error error)> fail_waiting;
  };

  EngineHost(store::Store& store, engine::Options options, engine::Inbox::Options inbox,
             http::BlockingPool& readers, Clock& clock, Metrics& metrics);
  ~EngineHost();

  engine::Inbox& inbox() { return inbox_; }

  // Recovers the engine from the store. Before start(); its catalogue is then known.
  Result<TenantCatalogPtr> recover();

  // Commits commands before anything runs (first tenants); the engine is recovered anew behind
  // them.
  Result<TenantCatalogPtr> prepare(std::vector<engine::Command> commands);

  // Starts running: inline on `io` (I/O thread 0's) or on a thread of its own.
  void start(asio::io_context& io, EngineHosting hosting, Routes routes);

  // No new attempts from now on; running ones report as usual.
  void drain() { draining_.store(true); }
  std::uint32_t in_flight() const { return in_flight_.load(); }

  // Ends the engine's thread, or its inline turns; call while the I/O loop still runs.
  void stop();

 private:
  void wake();
  void run_thread();
  void inline_turn();
  void arm_timer(TimePoint wake_at);
  // One step; returns when the next is wanted.
  TimePoint step_once();
  void route(std::vector<engine::Effect> effects);
  void send(const engine::Load& load);
  TimePoint recover_after(const Error& error);
  bool commits_are_slow() const;
  void move_to_thread();

  struct Timer;

  store::Store& store_;
  engine::Options options_;
  http::BlockingPool& readers_;
  Clock& clock_;
  Metrics& metrics_;
  engine::Inbox inbox_;
  Routes routes_;
  std::unique_ptr<engine::Engine> engine_;  // touched by the engine's thread only, once started
  std::uint32_t next_io_ = 0;

  asio::io_context* io_ = nullptr;
  std::unique_ptr<Timer> timer_;
  bool may_move_ = false;
  std::atomic<bool> inline_{false};
  std::atomic<bool> turn_posted_{false};
  std::atomic<bool> draining_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint32_t> in_flight_{0};
  TimePoint no_starts_before_{};  // after a full disk

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_flag_ = false;
};

}  // namespace ferry::app
