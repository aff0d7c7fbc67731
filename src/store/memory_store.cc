#include "store/memory_store.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>

#include "base/check.h"
#include "base/encoding.h"
#include "store/memory_state.h"

namespace ferry::store {
namespace {

constexpr std::size_t kIdSecretBytes = 32;
constexpr std::size_t kStoreIdBytes = 16;

Result<LoadedDelivery> load(const MemoryState& state, const Delivery& delivery) {
  MessagePtr message = find_message(state.messages, delivery.message_id);
  if (message == nullptr) {
    return fail(ErrorCode::kStoreCorrupt,
                "delivery " + std::to_string(delivery.id.value) + " has no message");
  }
  return LoadedDelivery{delivery, std::move(message)};
}

bool is_final(EventState state) {
  return state == EventState::kDelivered || state == EventState::kFailed ||
         state == EventState::kCanceled;
}

constexpr LanePlace kFirstPlace{TimePoint::min(),
                                DeliveryId{std::numeric_limits<std::int64_t>::min()}};
constexpr LanePlace kLastPlace{TimePoint::max(),
                               DeliveryId{std::numeric_limits<std::int64_t>::max()}};

// The lanes other than 0 that hold rows, found by leaps: a lane may hold a million.
std::vector<LaneId> lanes_in_use(const std::set<LaneRow>& rows) {
  std::vector<LaneId> lanes;
  auto row = rows.upper_bound(LaneRow{kTimeLane, kLastPlace});
  while (row != rows.end()) {
    lanes.push_back(row->first);
    row = rows.upper_bound(LaneRow{row->first, kLastPlace});
  }
  return lanes;
}

// See memory_store.h. Any thread may call anything: one mutex guards the whole state.
class MemoryStore final : public Store {
 public:
  explicit MemoryStore(MemoryState state) : state_(std::move(state)) {}

  MemoryState copy_state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  Result<Position> commit(std::span<const WriteSet> sets) override {
    const std::lock_guard lock(mutex_);
    for (const WriteSet& set : sets) apply(state_, set);
    return state_.position;
  }

  bool has_room() const override { return true; }

  Position position() const override {
    const std::lock_guard lock(mutex_);
    return state_.position;
  }

  Result<void> barrier() override { return {}; }

  Result<Catalog> catalog(TimePoint now) override;
  Result<Totals> totals() override;
  Result<std::optional<LoadedDelivery>> delivery(DeliveryId id) override;
  Result<LaneSlice> lane(const LaneQuery& query) override;
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) override;
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) override;
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) override;
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, LargeBodies bodies) override;
  Result<std::optional<MessageView>> message_view(DeliveryId id, TimePoint finished_after) override;

  Result<EventPage> events(const PageRequest& page) override {
    const std::lock_guard lock(mutex_);
    return list_events(state_, page);
  }
  Result<DeadLetterPage> dead_letters(const PageRequest& page) override {
    const std::lock_guard lock(mutex_);
    return list_dead_letters(state_, page);
  }
  Result<MessagePage> messages(const PageRequest& page) override {
    const std::lock_guard lock(mutex_);
    return list_messages(state_, page);
  }
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes) override;
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences) override;

 private:
  mutable std::mutex mutex_;
  MemoryState state_;
};

Result<Catalog> MemoryStore::catalog(TimePoint now) {
  const std::lock_guard lock(mutex_);
  Catalog catalog;
  for (const auto& [id, tenant] : state_.tenants) catalog.tenants.push_back(tenant);
  catalog.settings = state_.settings;
  catalog.lanes = lanes_in_use(state_.lanes);
  const auto first = state_.lanes.begin();
  if (first != state_.lanes.end() && first->first == kTimeLane) {
    catalog.next_due = first->second.due_at;
  }
  catalog.last_id = state_.last_id;
  for (const auto& [key, resource] : state_.resources) {
    if (key.kind != ResourceKind::kScheduleBody) catalog.resources.push_back(resource);
  }
  for (const auto& [lane, sequence] : state_.sequences) catalog.sequences.push_back(sequence);
  for (const auto& [key, record] : state_.dedup) {
    if (record.expires_at > now) catalog.dedup_keys.push_back(record.key);
  }
  catalog.id_secret = state_.id_secret;
  catalog.store_id = state_.store_id;
  return catalog;
}

Result<Totals> MemoryStore::totals() {
  const std::lock_guard lock(mutex_);
  return Totals{.deliveries = static_cast<std::int64_t>(state_.deliveries.size()),
                .dead_letters = static_cast<std::int64_t>(state_.dead_letters.size()),
                .position = state_.position};
}

Result<std::optional<LoadedDelivery>> MemoryStore::delivery(DeliveryId id) {
  const std::lock_guard lock(mutex_);
  const auto row = state_.deliveries.find(id);
  if (row == state_.deliveries.end()) return std::nullopt;
  ASSIGN_OR_RETURN(LoadedDelivery loaded, load(state_, row->second));
  loaded.message = without_large_body(std::move(loaded.message));
  return loaded;
}

Result<Bytes> MemoryStore::read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) {
  const std::lock_guard lock(mutex_);
  const MessagePtr message = find_message(state_.messages, id);
  if (message == nullptr || offset >= message->body.size()) {
    return fail(ErrorCode::kNotFound, "no body of message " + std::to_string(id.value) +
                                          " at byte " + std::to_string(offset));
  }
  return message->body.slice(static_cast<std::size_t>(offset), bytes_max);
}

Result<LaneSlice> MemoryStore::lane(const LaneQuery& query) {
  const std::lock_guard lock(mutex_);
  LaneSlice slice;
  std::size_t bytes = 0;
  auto row = state_.lanes.upper_bound(LaneRow{query.lane, query.after});
  for (; row != state_.lanes.end(); ++row) {
    const auto& [lane, place] = *row;
    if (lane != query.lane || place.due_at > query.until) break;
    ASSIGN_OR_RETURN(LoadedDelivery loaded, load(state_, state_.deliveries.at(place.id)));
    loaded.message = without_large_body(std::move(loaded.message));
    bytes += loaded.message->body.size();
    const bool full = slice.rows.size() >= query.rows_max || bytes > query.bytes_max;
    if (full && !slice.rows.empty()) return slice;
    slice.rows.push_back(std::move(loaded));
  }
  slice.complete = true;
  return slice;
}

Result<std::optional<DedupRecord>> MemoryStore::dedup(TenantId tenant, const DedupKey& key) {
  const std::lock_guard lock(mutex_);
  const auto row = state_.dedup.find({tenant, key});
  if (row == state_.dedup.end()) return std::nullopt;
  return row->second;
}

Result<ScheduleBodyPtr> MemoryStore::schedule_body(TenantId tenant, const std::string& schedule) {
  const std::lock_guard lock(mutex_);
  const auto row = state_.resources.find({ResourceKind::kScheduleBody, tenant, schedule});
  return row == state_.resources.end() ? nullptr : std::get<ScheduleBodyPtr>(row->second);
}

Result<DeadLetterPtr> MemoryStore::dead_letter(DeadLetterId id, LargeBodies bodies) {
  const std::lock_guard lock(mutex_);
  const auto row = state_.dead_letters.find(id);
  if (row == state_.dead_letters.end()) return DeadLetterPtr();
  if (bodies == LargeBodies::kRead) return row->second;
  auto bare = std::make_shared<DeadLetter>(*row->second);
  bare->message = without_large_body(bare->message);
  return bare;
}

Result<std::optional<MessageView>> MemoryStore::message_view(DeliveryId id,
                                                             TimePoint finished_after) {
  const std::lock_guard lock(mutex_);
  const auto number = state_.last_entry_of.find(id);
  const Entry* entry = number == state_.last_entry_of.end()
                           ? nullptr
                           : state_.entries[static_cast<std::size_t>(number->second)].get();
  const auto pending = state_.deliveries.find(id);
  MessageView view;
  if (pending != state_.deliveries.end()) {
    ASSIGN_OR_RETURN(LoadedDelivery loaded, load(state_, pending->second));
    view.delivery = std::move(loaded.delivery);
    view.message = std::move(loaded.message);
    if (entry != nullptr) view.last_state = entry->events.back().state;
    return view;
  }
  if (entry == nullptr) return std::nullopt;
  const Event& last = entry->events.back();
  if (!is_final(last.state) || last.time <= finished_after) return std::nullopt;
  view.delivery = entry->delivery;
  view.message = find_message(state_.all_messages, entry->delivery.message_id);
  view.finished = true;
  view.last_state = last.state;
  return view;
}

Result<std::vector<std::int64_t>> MemoryStore::lane_sizes(std::span<const LaneId> lanes) {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> sizes;
  for (const LaneId lane : lanes) {
    sizes.push_back(std::distance(state_.lanes.lower_bound({lane, kFirstPlace}),
                                  state_.lanes.upper_bound({lane, kLastPlace})));
  }
  return sizes;
}

Result<std::vector<std::int64_t>> MemoryStore::sequence_sizes(std::span<const LaneId> sequences) {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> sizes;
  for (const LaneId sequence : sequences) {
    const auto members = state_.members.find(sequence);
    sizes.push_back(members == state_.members.end() ? 0 : members->second);
  }
  return sizes;
}

std::unique_ptr<Store> make_store(std::string id_secret, std::string store_id) {
  MemoryState state;
  state.id_secret = std::move(id_secret);
  state.store_id = std::move(store_id);
  return std::make_unique<MemoryStore>(std::move(state));
}

std::string random_bytes(Random& random, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(random.below(256)));
  return bytes;
}

MemoryState state_of(const Store& store) {
  const auto* memory = dynamic_cast<const MemoryStore*>(&store);
  CHECK(memory != nullptr);
  return memory->copy_state();
}

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return make_store(secure_random_bytes(kIdSecretBytes),
                    hex_encode(secure_random_bytes(kStoreIdBytes)));
}

std::unique_ptr<Store> make_memory_store(Random& random) {
  std::string id_secret = random_bytes(random, kIdSecretBytes);
  return make_store(std::move(id_secret), hex_encode(random_bytes(random, kStoreIdBytes)));
}

std::unique_ptr<Store> clone_memory_store(const Store& store) {
  return std::make_unique<MemoryStore>(state_of(store));
}

std::string dump_memory_store(const Store& store) { return dump(state_of(store)); }

}  // namespace ferry::store
