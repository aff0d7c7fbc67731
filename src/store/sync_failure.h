#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "base/result.h"

namespace ferry::store {

// The first sync of the tables that failed, shared by all files of a store; most never see one.
// What a failed sync covered may never reach the disk, though reads show it and the next sync
// succeeds. So it is final: no position counts as synced after it, no commit is accepted, and only
// the next start, which reads everything anew, goes on. Any thread.
class SyncFailure {
 public:
  void note(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (happened_) return;
    text_ = error.text;
    happened_.store(true, std::memory_order_release);
  }

  bool happened() const { return happened_.load(std::memory_order_acquire); }

  // kStoreIo once it happened: not kDiskFull, after which a store is still of use.
  Result<void> check() const {
    if (!happened()) [[likely]]
      return {};
    const std::lock_guard lock(mutex_);
    return fail(ErrorCode::kStoreIo, "the tables could not be synced, start again: " + text_);
  }

 private:
  std::atomic<bool> happened_ = false;
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace ferry::store
