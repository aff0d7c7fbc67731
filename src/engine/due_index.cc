#include "engine/due_index.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace ferry::engine {
namespace {

// Charged for a held delivery besides its body: map node, strings, set node.
constexpr std::size_t kRowOverheadBytes = 512;
constexpr std::uint32_t kLoadRowsMax = 2'000;
constexpr std::size_t kLoadBytesMax = 16u << 20;

std::size_t charge(const MessagePtr& message) { return message->body.size() + kRowOverheadBytes; }

store::LanePlace place_of(const Delivery& delivery) { return {delivery.due_at, delivery.id}; }

store::LanePlace before(store::LanePlace place) {
  return {place.due_at, DeliveryId{place.id.value - 1}};
}

store::LanePlace end_of(TimePoint t) {
  return {t, DeliveryId{std::numeric_limits<std::int64_t>::max()}};
}

}  // namespace

std::uint32_t DueIndex::room() const {
  if (!has_room()) return 0;
  const std::uint64_t rows = options_.window_rows_max - held_.size();
  std::uint64_t row_bytes = options_.window_bytes_max / options_.window_rows_max + 1;
  if (!held_.empty()) row_bytes = std::max(row_bytes, bytes_ / held_.size());
  return static_cast<std::uint32_t>(std::min(rows, bytes_left() / row_bytes + 1));
}

Held* DueIndex::find(DeliveryId id) {
  const auto it = held_.find(id);
  return it == held_.end() ? nullptr : &it->second;
}

Held* DueIndex::offer(Delivery delivery, MessagePtr message, TimePoint now) {
  const store::LanePlace place = place_of(delivery);
  const store::LanePlace reach =
      loading_until_ ? std::max(horizon_, end_of(*loading_until_)) : horizon_;
  if (place > reach) return nullptr;
  if (place.due_at > now + options_.load_ahead || !has_room()) {
    step_back(place);
    return nullptr;
  }
  return &hold(std::move(delivery), std::move(message));
}

Held& DueIndex::hold(Delivery delivery, MessagePtr message) {
  bytes_ += charge(message);
  const store::LanePlace place = place_of(delivery);
  const DeliveryId id = delivery.id;
  auto [it, inserted] =
      held_.try_emplace(id, Held{.delivery = std::move(delivery), .message = std::move(message)});
  CHECK(inserted);
  waiting_.insert(place);
  return it->second;
}

void DueIndex::release(DeliveryId id) {
  const auto it = held_.find(id);
  CHECK(it != held_.end());
  if (it->second.phase == Phase::kWaiting) waiting_.erase(place_of(it->second.delivery));
  bytes_ -= charge(it->second.message);
  held_.erase(it);
}

void DueIndex::wait_again(Held& held, TimePoint now) {
  Delivery delivery = held.delivery;
  MessagePtr message = held.message;
  CHECK(held.phase != Phase::kWaiting);
  release(delivery.id);
  offer(std::move(delivery), std::move(message), now);
}

std::vector<Held*> DueIndex::held_of(TenantId tenant, Phase phase) {
  std::vector<Held*> found;
  for (auto& [id, held] : held_) {
    if (held.phase == phase && held.delivery.tenant == tenant) found.push_back(&held);
  }
  std::ranges::sort(found, {}, [](const Held* held) { return held->delivery.id; });
  return found;
}

std::vector<Held*> DueIndex::take_due(TimePoint now) {
  std::vector<Held*> due;
  while (!waiting_.empty() && waiting_.begin()->due_at <= now) {
    Held* held = find(waiting_.begin()->id);
    CHECK(held != nullptr);
    waiting_.erase(waiting_.begin());
    held->phase = Phase::kReady;
    due.push_back(held);
  }
  return due;
}

std::optional<store::LaneQuery> DueIndex::wanted_load(TimePoint now) {
  if (loading_until_ || !has_room()) return std::nullopt;
  if (next_load_at() > now) return std::nullopt;
  loading_until_ = look_further_ ? TimePoint::max() : now + options_.load_ahead;
  return store::LaneQuery{.lane = kTimeLane,
                          .after = horizon_,
                          .until = *loading_until_,
                          .rows_max = look_further_ ? 1 : std::min(kLoadRowsMax, room()),
                          .bytes_max = std::min(kLoadBytesMax, bytes_left())};
}

std::optional<store::LanePlace> DueIndex::first_of(const store::LaneSlice& slice) {
  if (slice.rows.empty()) return std::nullopt;
  return place_of(slice.rows.front().delivery);
}

void DueIndex::finish_load(const store::LaneSlice& slice) {
  CHECK(loading_until_.has_value());
  look_further_ = slice.rows.empty() && !looking_further();
  if (slice.complete) {
    horizon_ = std::max(horizon_, end_of(*loading_until_));
  } else if (!slice.rows.empty()) {
    horizon_ = std::max(horizon_, place_of(slice.rows.back().delivery));
  }
  if (not_held_from_) horizon_ = std::min(horizon_, before(*not_held_from_));
  loading_until_.reset();
  not_held_from_.reset();
}

void DueIndex::load_failed() {
  loading_until_.reset();
  not_held_from_.reset();
}

void DueIndex::step_back(store::LanePlace place) {
  horizon_ = std::min(horizon_, before(place));
  if (loading_until_ && (!not_held_from_ || place < *not_held_from_)) not_held_from_ = place;
}

TimePoint DueIndex::next_wake(TimePoint now) const {
  TimePoint wake = TimePoint::max();
  if (!waiting_.empty()) wake = waiting_.begin()->due_at;
  if (!loading_until_ && has_room()) {
    wake = std::min(wake, std::max(now, next_load_at()));
  }
  return wake;
}

TimePoint DueIndex::next_load_at() const {
  return look_further_ ? TimePoint::min() : horizon_.due_at - options_.load_ahead / 2;
}

}  // namespace ferry::engine
