#pragma once

#include <cstdint>
#include <filesystem>

#include "app/settings.h"

namespace ferry::app {

// The most that one process plans with, however much memory the machine has. More is a setting.
inline constexpr std::uint64_t kPlannedMemoryMax = 2ull << 30;

// What the process may use: the smallest limit of its control groups (v2 and v1), else the memory
// of the machine, at most kPlannedMemoryMax. Read once at start. `root` is "/" outside of tests.
std::uint64_t usable_memory(const std::filesystem::path& root = "/");

// Byte budgets of the whole server, all threads together.
struct MemoryBudgets {
  std::uint64_t reading = 0;  // bodies of requests that are being read
  std::uint64_t inbox = 0;    // commands that wait for the engine
  std::uint64_t bodies = 0;   // bodies of deliveries that are due or nearly so
  std::uint64_t answers = 0;  // answers that are being written or read
  std::uint64_t tail = 0;     // rows that are committed but not yet in tables

  friend bool operator==(const MemoryBudgets&, const MemoryBudgets&) = default;
};

// The parts of `memory`: reading 3/16 and inbox 1/16 (together a quarter), bodies and answers an
// eighth each, tail a sixteenth; each at least 1 MB.
MemoryBudgets budgets_of(std::uint64_t memory);

// Gives every byte budget that is 0 ("auto") its part of `settings.memory`, and that, when it is 0,
// the memory that the process may use.
Settings with_memory_budgets(Settings settings, std::uint64_t usable);

}  // namespace ferry::app
