#include "store/history_files.h"

#include <algorithm>

namespace ferry::store {
namespace {

// Design: a list that walks many days has at most this many open.
constexpr std::size_t kOpenFilesMax = 4;

}  // namespace

Result<std::shared_ptr<HistoryTables>> HistoryFiles::open(Slot& slot, std::int64_t day,
                                                          Position applied_if_made) {
  slot.last_use = ++uses_;
  if (slot.tables == nullptr) {
    TableFileOptions options = options_;
    options.applied_if_made = applied_if_made;
    ASSIGN_OR_RETURN(slot.tables, HistoryTables::open(folder_.history_of(day), options));
  }
  return slot.tables;
}

Result<std::shared_ptr<HistoryTables>> HistoryFiles::find(std::int64_t day) {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(day);
  if (slot == slots_.end()) return nullptr;
  return open(slot->second, day, 0);
}

Result<std::shared_ptr<HistoryTables>> HistoryFiles::find_or_make(std::int64_t day,
                                                                  Position applied_if_made) {
  const std::lock_guard lock(mutex_);
  if (const auto known = slots_.find(day); known != slots_.end()) {
    return open(known->second, day, applied_if_made);
  }
  Slot slot;
  ASSIGN_OR_RETURN(std::shared_ptr<HistoryTables> tables, open(slot, day, applied_if_made));
  // There, but not durable: what an attempt left that made the file and then failed.
  if (!tables->file().is_synced()) return not_synced(tables->file().path());
  slots_.emplace(day, std::move(slot));
  return tables;
}

Result<std::shared_ptr<HistoryTables>> HistoryFiles::adopt(std::int64_t day) {
  const std::lock_guard lock(mutex_);
  return open(slots_[day], day, /*applied_if_made=*/0);
}

std::vector<std::int64_t> HistoryFiles::days() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> days;
  for (const auto& [day, slot] : slots_) days.push_back(day);
  return days;
}

std::vector<std::shared_ptr<HistoryTables>> HistoryFiles::open_files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<HistoryTables>> files;
  for (const auto& [day, slot] : slots_) {
    if (slot.tables != nullptr) files.push_back(slot.tables);
  }
  return files;
}

Result<void> HistoryFiles::remove(std::int64_t day) {
  std::shared_ptr<HistoryTables> gone;  // closed before its name is removed, outside of the lock
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(day);
    if (slot == slots_.end()) return {};
    gone = std::move(slot->second.tables);
    slots_.erase(slot);
  }
  gone.reset();
  return remove_database(folder_.history_of(day), options_.vfs);
}

void HistoryFiles::close_idle() {
  std::vector<std::shared_ptr<HistoryTables>> closing;  // a close may write: outside of the lock
  const std::lock_guard lock(mutex_);
  std::vector<Slot*> open;
  for (auto& [day, slot] : slots_) {
    if (slot.tables != nullptr) open.push_back(&slot);
  }
  std::ranges::sort(open, {}, &Slot::last_use);
  std::size_t count = open.size();
  for (Slot* slot : open) {
    if (count <= kOpenFilesMax) break;
    // Copies are made under this lock only, so a sole owner stays the sole one.
    const bool in_use = slot->tables.use_count() > 1;
    if (in_use || !slot->tables->file().is_synced()) continue;
    closing.push_back(std::move(slot->tables));
    --count;
  }
}

std::uint64_t HistoryFiles::bytes_of(std::int64_t day) const {
  return bytes_of_tables(folder_.history_of(day));
}

std::uint64_t HistoryFiles::bytes() const {
  std::uint64_t bytes = 0;
  for (const std::int64_t day : days()) bytes += bytes_of(day);
  return bytes;
}

}  // namespace ferry::store
