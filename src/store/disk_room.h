#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "base/metrics.h"

namespace ferry::store {

// Is there disk left for new work? Looked up now and then by whoever has the time, asked at every
// publish. What fills up last is kept for outcomes: below the watermark commits still work.
class DiskRoom {
 public:
  DiskRoom(std::filesystem::path folder, std::uint64_t free_bytes_min, Metrics& metrics)
      : folder_(std::move(folder)), free_bytes_min_(free_bytes_min), metrics_(metrics) {}

  // Any thread.
  void look();
  bool enough() const { return enough_.load(std::memory_order_relaxed); }

 private:
  const std::filesystem::path folder_;
  const std::uint64_t free_bytes_min_;
  Metrics& metrics_;
  std::atomic<bool> enough_{true};
};

}  // namespace ferry::store
