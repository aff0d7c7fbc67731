#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "store/sqlite_tables.h"

namespace ferry::store {

// Checkpoints the tables on a thread of its own: every second while something is unsynced, earlier
// when a log grows. After each it reports up to where everything is synced.
class Checkpointer {
 public:
  using Synced = std::function<void(Position)>;

  // `tick` is called four times a second as well, for what wants a regular look.
  Checkpointer(SqliteTables& tables, Synced synced, std::function<void()> tick);
  ~Checkpointer();

  void start();
  // Ends the thread; checkpoint() may still be called.
  void stop();

  // Now, on the caller's thread.
  Result<void> checkpoint();

 private:
  void run();
  bool is_due(int ticks) const;

  SqliteTables& tables_;
  const Synced synced_;
  const std::function<void()> tick_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ferry::store
