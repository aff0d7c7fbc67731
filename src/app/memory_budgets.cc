#include "app/memory_budgets.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace ferry::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBudgetMin = 1ull << 20;

// The number at the start of the first line; nothing for "max", an absent file, or no number.
std::optional<std::uint64_t> read_number(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

// The smallest limit of a group and of all groups that it lies in. A container may name a group
// that it cannot see: what its own view of the tree says then counts.
std::optional<std::uint64_t> smallest_limit(const fs::path& tree, std::string_view group,
                                            const char* file) {
  std::optional<std::uint64_t> smallest;
  fs::path place = fs::path(group).relative_path();
  while (true) {
    const auto limit = read_number(tree / place / file);
    if (limit) smallest = std::min(*limit, smallest.value_or(*limit));
    if (place.empty()) return smallest;
    place = place.parent_path();
  }
}

// /proc/self/cgroup has lines "number:controllers:path"; v2 has the number 0 and no controllers.
std::optional<std::uint64_t> group_limit(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  std::optional<std::uint64_t> smallest;
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string_view group = std::string_view(line).substr(second + 1);
    std::optional<std::uint64_t> limit;
    if (controllers == ",,") {
      limit = smallest_limit(root / "sys/fs/cgroup", group, "memory.max");
    } else if (controllers.contains(",memory,")) {
      limit = smallest_limit(root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    }
    if (limit) smallest = std::min(*limit, smallest.value_or(*limit));
  }
  return smallest;
}

std::optional<std::uint64_t> machine_memory(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  constexpr std::string_view kTotal = "MemTotal:";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kTotal)) continue;
    const std::size_t digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) break;
    std::uint64_t kib = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), kib);
    if (kib > 0) return kib * 1024;
  }
  return std::nullopt;
}

template <class T>
void fill(T& setting, std::uint64_t budget) {
  if (setting == 0) setting = static_cast<T>(budget);
}

}  // namespace

std::uint64_t usable_memory(const fs::path& root) {
  std::uint64_t memory = kPlannedMemoryMax;
  if (const auto limit = group_limit(root); limit && *limit > 0) memory = std::min(memory, *limit);
  if (const auto machine = machine_memory(root)) memory = std::min(memory, *machine);
  return memory;
}

MemoryBudgets budgets_of(std::uint64_t memory) {
  const auto part = [memory](std::uint64_t sixteenths) {
    return std::max(memory / 16 * sixteenths, kBudgetMin);
  };
  return {
      .reading = part(3), .inbox = part(1), .bodies = part(2), .answers = part(2), .tail = part(1)};
}

Settings with_memory_budgets(Settings settings, std::uint64_t usable) {
  fill(settings.memory, usable);
  const MemoryBudgets budgets = budgets_of(settings.memory);
  fill(settings.reading_memory, budgets.reading);
  fill(settings.inbox_memory, budgets.inbox);
  fill(settings.answer_memory, budgets.answers);
  fill(settings.body_memory, budgets.bodies);
  fill(settings.tail_bytes_max, budgets.tail);
  return settings;
}

}  // namespace ferry::app
