#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/series.h"

// The one list of metrics. Names follow the Prometheus conventions and exist once, here; whoever
// counts is given a reference to the one Metrics object. All members may be used by any thread.

namespace ferry {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Seconds in fixed buckets from 50 us to 5 minutes, a factor of about 2 apart.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 23;
  // Upper bounds in microseconds, ascending.
  static const std::array<std::int64_t, kBuckets>& bounds_us();

  void observe_us(std::int64_t microseconds);
  std::uint64_t bucket(std::size_t i) const { return counts_[i].load(std::memory_order_relaxed); }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  std::int64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets + 1> counts_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> sum_us_{0};
};

struct Metrics {
  // Messages (engine).
  Counter accepted_total;  // deliveries stored by publish, hooks excluded
  Counter deduplicated_total;
  Counter hooks_total;  // callback and failure callback deliveries stored
  Counter delivered_total;
  Counter failed_attempts_total;
  Counter retried_total;
  Counter dead_total;
  Counter cancelled_total;
  Gauge pending;    // deliveries not finished
  Gauge in_flight;  // attempts running
  Gauge dead_letters;
  Gauge oldest_due_age_ms;  // how late the oldest due delivery is
  Gauge ready;              // due, and waiting in memory for a slot, a key or a host
  Gauge parked_lanes;       // lanes of the store that hold more of them
  Gauge window_deliveries;  // deliveries held in memory
  Gauge window_bytes;
  LatencyHistogram schedule_lateness;  // of ticks behind their time
  LatencyHistogram end_to_end;         // from accepted (or due, if later) to delivered
  // API.
  Counter requests_total;
  Counter request_errors_total;  // answers of 400 and above
  Counter overloaded_total;
  Gauge connections;
  Counter connections_dispensed_total;
  Counter connections_refused_total;
  Counter slow_peers_cut_total;
  Gauge inbox_commands;
  Gauge inbox_bytes;
  LatencyHistogram request_latency;
  // Outgoing HTTP.
  Counter attempts_total;
  // By engine::NotStartedReason, in its order: the labels are in metrics.cc.
  std::array<Counter, 6> attempts_not_started;
  Counter connections_opened_total;
  Counter connections_reused_total;
  Counter addresses_refused_total;
  Gauge pool_connections;
  LatencyHistogram attempt_latency;
  // Store.
  Counter commits_total;
  Counter committed_bytes_total;
  LatencyHistogram commit_latency;
  Gauge applier_lag_positions;
  Gauge applier_lag_ms;
  Gauge tail_bytes;
  Gauge journal_bytes;
  Gauge wal_bytes;
  Gauge history_bytes;
  Gauge disk_free_bytes;
  Gauge store_refusing;  // 1 while new work is refused for lack of disk
  // Function Compute (contract section 8): by function, qualifier and destination.
  SeriesBook series;
};

// The Prometheus text exposition format, version 0.0.4.
std::string render_prometheus(const Metrics& metrics);

}  // namespace ferry
