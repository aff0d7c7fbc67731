#pragma once

#include <functional>

#include "http/link.h"

namespace ferry::http {

// Something that a Cut ends: what waits says here how its wait is broken. It leaves its Cut by
// itself when it ends.
class CutPoint : private Link {
 public:
  explicit CutPoint(std::function<void()> end_wait) : end_wait_(std::move(end_wait)) {}

 private:
  friend class Cut;

  std::function<void()> end_wait_;
};

// Lets the one who asked for something end it early. It is given along with the request and
// outlives it; cut() breaks every wait that is under way for it, and what begins later ends at
// once. One thread.
class Cut {
 public:
  // From now on `point` is ended by cut(); at once if that was called already.
  void add(CutPoint& point) {
    if (is_cut_) return point.end_wait_();
    point.join(points_);
  }

  void cut() {
    is_cut_ = true;
    while (points_.linked()) {  // ending one may take others away
      auto& point = static_cast<CutPoint&>(*points_.next());
      point.unlink();
      point.end_wait_();
    }
  }

  bool is_cut() const { return is_cut_; }
  // Whether cut() would end anything now.
  bool is_awaited() { return points_.linked(); }

 private:
  Link points_;
  bool is_cut_ = false;
};

}  // namespace ferry::http
