#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/hook.h"
#include "domain/limits.h"
#include "domain/retry_policy.h"
#include "engine/protocol.h"
#include "store/store.h"

namespace ferry::engine {

struct Options {
  std::uint8_t partition = 0;
  RetrySettings retry;
  MessageDefaults defaults;
  Duration dedup_window = limits::kDedupWindowDefault;
  Duration dead_letter_retention = std::chrono::hours(24 * 30);
  Duration delay_max = limits::kDelayMax;
  std::int32_t retries_max = limits::kRetriesMax;
  std::uint32_t in_flight_max = 10'000;       // attempts running at once: see shares.h
  std::uint32_t host_in_flight_max = 10'000;  // attempts running at once to one host
  Duration slow_after{1'000};                 // attempts that run longer count against the shares
  std::uint32_t window_rows_max = 50'000;     // deliveries held in memory
  std::size_t window_bytes_max = 128u << 20;  // and the bytes of their bodies
  std::uint32_t host_ready_max =
      4'000;  // ready ones of one host kept in memory; more go to its lane
  std::size_t schedule_body_kept_max = 1u << 10;  // a longer body of a schedule is read each tick
  std::string function_region = "local";          // in the ARNs of functions
  Duration load_ahead{2'000};                     // how early due rows are loaded
};

// What a step may start.
struct Budget {
  std::uint32_t attempts = UINT32_MAX;  // besides what the shares allow
};

struct Step {
  std::vector<Effect> effects;  // carried out in order, after the commit that `step` already made
  TimePoint wake_at;            // when the engine wants to run again without any command
};

// The single writer of one partition: a synchronous state machine. It decides, commits, and returns
// what is to be done; it has no thread, no clock, no socket. All calls come from one thread. When
// `step` returns an error the commit failed: this object is dead, and a fresh one recovers.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> recover(store::Store& store, Options options,
                                                 Metrics& metrics, TimePoint now);
  ~Engine();

  Result<Step> step(TimePoint now, std::vector<Command> inbox, Budget budget);

  // Attempts started and not yet answered by an outcome.
  std::uint32_t in_flight() const;

  TenantCatalogPtr catalog() const;

  // A text that is equal for two engines which would behave the same from here on: the simulation
  // compares memory before a crash with what recover() rebuilds.
  std::string fingerprint() const;

  struct State;

 private:
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ferry::engine
