#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

#include "http/byte_budget.h"

namespace ferry::http {

// Bodies up to this size are read from a budget that larger ones cannot touch.
inline constexpr std::size_t kSmallPoolBodyBytesMax = 64u << 10;

// What all servers of one process hold together, whatever their threads.
struct ServerBudgets {
  ServerBudgets(std::size_t reading_bytes_max, std::size_t answer_bytes_max)
      : small_bodies(ByteBudget::make(reading_bytes_max / 8)),
        large_bodies(ByteBudget::make(reading_bytes_max - reading_bytes_max / 8)),
        answers(ByteBudget::make(answer_bytes_max)) {}

  // Bodies of requests, from the moment their reading is admitted to the end of their request.
  const std::shared_ptr<ByteBudget> small_bodies;
  const std::shared_ptr<ByteBudget> large_bodies;
  // Answers that their readers have not taken yet.
  const std::shared_ptr<ByteBudget> answers;
  std::atomic<std::size_t> connections{0};
};

}  // namespace ferry::http
