#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/metrics.h"
#include "store/sqlite_tables.h"
#include "store/tail.h"

namespace ferry::store {

// Carries the tail into the tables: run by run, each after it had `interval` to gather company, at
// once when someone waits or the run is full. A run that fails stays in the tail and is tried again
// every second; nothing is lost meanwhile, the journal has it. Any thread may call; the applying
// itself is done by the applier's own thread or, when it has none, by whoever calls.
class Applier {
 public:
  struct Options {
    Duration interval{50};
    std::size_t tail_bytes_max = 0;
    bool own_thread = true;
    std::function<std::int64_t()> steady_micros;  // null: the lag in time is not measured
  };

  Applier(Tail& tail, SqliteTables& tables, Options options, Metrics& metrics);
  // Applies what it still can.
  ~Applier();

  void start();

  // The tail was published to.
  void rows_arrived();

  // Waits until the tail is within its bound. kDiskFull when applying fails, so that it cannot be.
  Result<void> wait_for_room();

  // Waits until everything up to `position` is in the tables, or applying fails.
  Result<void> reach(Position position);

  // Applies whole runs, at least one, up to `rows_max` row operations; false when nothing was left.
  Result<bool> apply_some(std::size_t rows_max);

  bool failing() const;

 private:
  // The rows of the run applied; 0: there was none.
  Result<std::size_t> apply_oldest();
  void run();
  std::int64_t gather(std::unique_lock<std::mutex>& lock);  // since when rows waited
  void note(const Result<std::size_t>& applied, std::int64_t waiting_since);
  Result<void> wait_until(const std::function<bool()>& reached);
  Result<void> apply_until(const std::function<bool()>& reached);
  bool has_rows() const { return tail_.position() > tables_.applied(); }
  std::int64_t now_micros() const { return options_.steady_micros ? options_.steady_micros() : 0; }

  Tail& tail_;
  SqliteTables& tables_;
  const Options options_;
  Metrics& metrics_;

  std::mutex apply_mutex_;  // one run at a time

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable wake_, applied_;
  bool waiting_ = false;  // its thread has nothing to do, or waits for company
  bool stopping_ = false;
  int waiters_ = 0;  // for whom rows are applied at once
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace ferry::store
