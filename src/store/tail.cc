#include "store/tail.h"

#include <ranges>

#include "base/check.h"

namespace ferry::store {

Tail::Tail(std::size_t run_rows_max, Position last, std::int64_t last_id)
    : run_rows_max_(run_rows_max), position_(last), last_id_(last_id) {}

CommitRun& Tail::open_run() {
  if (newest_open_ && runs_.back()->operations() >= run_rows_max_) newest_open_ = false;
  if (!newest_open_) {
    runs_.push_back(std::make_shared<CommitRun>(last_id_));
    newest_open_ = true;
  }
  return *runs_.back();
}

void Tail::publish(std::span<const WriteSet> sets, std::span<const std::size_t> bytes) {
  CHECK(sets.size() == bytes.size());
  const std::lock_guard lock(mutex_);
  Position position = position_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    CommitRun& run = open_run();
    run.add(++position, sets[i], bytes[i]);
    last_id_ = run.last_id();
    bytes_.fetch_add(bytes[i], std::memory_order_relaxed);
  }
  position_.store(position, std::memory_order_release);
}

std::shared_ptr<const CommitRun> Tail::oldest() {
  const std::lock_guard lock(mutex_);
  if (runs_.empty()) return nullptr;
  if (runs_.size() == 1) newest_open_ = false;
  return runs_.front();
}

bool Tail::has_full_run() const {
  const std::lock_guard lock(mutex_);
  return runs_.size() > 1 || (!runs_.empty() && runs_.front()->operations() >= run_rows_max_);
}

void Tail::drop_oldest() {
  std::shared_ptr<CommitRun> gone;  // freed outside of the lock
  const std::lock_guard lock(mutex_);
  CHECK(!runs_.empty() && !(runs_.size() == 1 && newest_open_));
  gone = std::move(runs_.front());
  runs_.pop_front();
  bytes_.fetch_sub(gone->bytes(), std::memory_order_relaxed);
}

std::optional<std::optional<Delivery>> Tail::delivery(DeliveryId id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->deliveries().find(id);
    if (row != run->deliveries().end()) return row->second;
  }
  return std::nullopt;
}

std::optional<MessagePtr> Tail::message(MessageId id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->messages().find(id);
    if (row == run->messages().end()) continue;
    if (row->second.dropped) return nullptr;
    // One that is only released may have a delivery: older runs or the tables know it.
    if (row->second.put != nullptr) return row->second.put;
  }
  return std::nullopt;
}

std::optional<DeadLetterPtr> Tail::dead_letter(DeadLetterId id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->letters().find(id);
    if (row != run->letters().end()) return row->second.dropped ? nullptr : row->second.put;
    if (run->letters_pruned() && id.value < first_id_at(*run->letters_pruned())) return nullptr;
  }
  return std::nullopt;
}

std::optional<ScheduleBodyPtr> Tail::schedule_body(TenantId tenant,
                                                   const std::string& schedule) const {
  const ResourceKey key{ResourceKind::kScheduleBody, tenant, schedule};
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->resources().find(key);
    if (row == run->resources().end()) continue;
    return row->second ? std::get<ScheduleBodyPtr>(*row->second) : nullptr;
  }
  return std::nullopt;
}

MessagePtr Tail::put_message(MessageId id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->messages().find(id);
    if (row != run->messages().end() && row->second.put != nullptr) return row->second.put;
  }
  return nullptr;
}

Tail::DedupAnswer Tail::dedup(TenantId tenant, const DedupKey& key) const {
  const std::lock_guard lock(mutex_);
  DedupAnswer answer;
  for (const auto& run : runs_ | std::views::reverse) {
    const auto row = run->dedup().find({tenant, key});
    if (row != run->dedup().end()) {
      answer.known = row->second;
      if (row->second && answer.pruned && row->second->expires_at < *answer.pruned) {
        answer.known->reset();
      }
      return answer;
    }
    if (run->dedup_pruned()) {
      answer.pruned = std::max(*run->dedup_pruned(), answer.pruned.value_or(*run->dedup_pruned()));
    }
  }
  return answer;
}

std::optional<Tail::LastEvent> Tail::last_event(DeliveryId id) const {
  const std::lock_guard lock(mutex_);
  std::optional<LastEvent> last;
  for (const auto& run : runs_ | std::views::reverse) {
    if (!last) {
      const MergedEntry* merged = run->entry_of(id);
      if (merged == nullptr) continue;
      const Event& event = merged->entry.events.back();
      last = LastEvent{merged->entry.delivery, event.state, event.time, nullptr};
    }
    const auto row = run->messages().find(last->delivery.message_id);
    if (row != run->messages().end() && row->second.put != nullptr) {
      last->message = row->second.put;
      break;
    }
  }
  return last;
}

}  // namespace ferry::store
