#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "domain/flow_control.h"

namespace ferry::engine {

// What a line may let through: at most `limit` at once, and at most `rate` starts within a window
// of `period` (0: unlimited). A window begins with its first start or a reset (contract section
// 12).
class Permit {
 public:
  Permit() = default;
  explicit Permit(std::int32_t limit) : limit_(limit) {}

  // Takes the limits of a key. The window goes on, and so does what is in use.
  void set(const FlowKey& key);
  // Takes its window as well: a process that ended may have used every slot reserved in it.
  void recover(const FlowKey& key);
  void set_limit(std::int32_t limit) { limit_ = limit; }

  // May one start at `now`? If only the rate forbids it, `free_at` tells when.
  bool free(TimePoint now) const { return free_slot() && free_start(now); }
  bool free_slot() const { return limit_ == 0 || in_use_ < limit_; }
  std::optional<TimePoint> free_at(TimePoint now) const;

  void take(TimePoint now);
  void hold() { ++in_use_; }  // a slot that was in use before
  void release();
  // A start that counted in `window` did not happen. That of a window that is over stays counted.
  void give_back(std::uint32_t window);
  // The count of the window becomes 0, and a window begins now.
  void reset(TimePoint now);

  std::int32_t in_use() const { return in_use_; }
  std::int32_t room() const { return limit_ == 0 ? INT32_MAX : limit_ - in_use_; }
  std::int32_t started(TimePoint now) const { return window_over(now) ? 0 : used_; }

  // The window as it has to be stored before what was let through may leave.
  TimePoint window_start() const { return window_start_; }
  std::int32_t reserved() const { return reserved_; }
  std::uint32_t window() const { return window_; }  // its number

 private:
  bool window_over(TimePoint now) const { return now >= window_start_ + period_; }
  bool free_start(TimePoint now) const { return rate_ == 0 || window_over(now) || used_ < rate_; }

  std::int32_t limit_ = 0, in_use_ = 0;
  std::int32_t rate_ = 0;
  Duration period_ = std::chrono::seconds(1);
  TimePoint window_start_;
  std::uint32_t window_ = 0;
  std::int32_t used_ = 0, reserved_ = 0;
};

}  // namespace ferry::engine
