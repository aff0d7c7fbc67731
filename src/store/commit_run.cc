#include "store/commit_run.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace ferry::store {

Progress progress_of(const Delivery& delivery) {
  return {.not_before = delivery.not_before,
          .due_at = delivery.due_at,
          .retried = delivery.retried,
          .cancel_requested = delivery.cancel_requested,
          .lane = delivery.lane,
          .slot = delivery.slot};
}

ResourceKey key_of(const Resource& resource) {
  return {kind_of(resource), tenant_of(resource), std::string(name_of(resource))};
}

// The digest is uniform, so eight bytes of it are a hash.
std::size_t DedupPlaceHash::operator()(const DedupPlace& row) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, row.key.digest.data(), sizeof hash);
  return hash ^ std::hash<TenantId>()(row.tenant);
}

// Of a message that the first attempt delivers: CREATED and ACTIVE, then DELIVERED.
constexpr std::size_t kEventsOfAShortLife = 3;
constexpr std::size_t kPartsOfAShortLife = 2;

struct CommitRun::Adder {
  CommitRun& run;
  Position position;
  std::int64_t events = 0;  // of this write-set so far

  void saw_id(std::int64_t id) { run.last_id_ = std::max(run.last_id_, id); }

  void operator()(const PutMessage& op) {
    saw_id(op.message->id.value);
    run.messages_[op.message->id] = {.put = op.message};
  }
  void operator()(const DropMessage& op) { run.messages_[op.id].dropped = true; }
  void operator()(const ReleaseMessage& op) { run.messages_[op.id].released = true; }

  void operator()(const PutDelivery& op) {
    saw_id(op.delivery.id.value);
    run.deliveries_[op.delivery.id] = op.delivery;
  }
  void operator()(const DropDelivery& op) { run.deliveries_[op.id].reset(); }

  void operator()(const AppendEntry& op) {
    const Entry& entry = op.entry;
    const auto [number, first] =
        run.entry_numbers_.try_emplace(entry.delivery.id, run.entries_.size());
    if (first) run.entries_.emplace_back();
    MergedEntry& merged = run.entries_[number->second];
    if (first) {
      merged.entry.events.reserve(kEventsOfAShortLife);
      merged.parts.reserve(kPartsOfAShortLife);
    }
    merged.entry.delivery = entry.delivery;
    merged.entry.events.insert(merged.entry.events.end(), entry.events.begin(), entry.events.end());
    merged.parts.push_back({position, events, entry.events.size(), progress_of(entry.delivery)});
    events += static_cast<std::int64_t>(entry.events.size());
  }

  void operator()(const PutDeadLetter& op) {
    saw_id(op.letter->id.value);
    run.letters_[op.letter->id] = {.put = op.letter, .dropped = false};
  }
  void operator()(const DropDeadLetter& op) { run.letters_[op.id].dropped = true; }
  void operator()(const PruneDeadLetters& op) {
    run.letters_pruned_ = std::max(op.before, run.letters_pruned_.value_or(op.before));
    for (auto& [id, row] : run.letters_) {
      if (id.value < first_id_at(op.before)) row.dropped = true;
    }
  }

  void operator()(const PutDedup& op) { run.dedup_[{op.record.tenant, op.record.key}] = op.record; }
  // A record of this run hides one in the tables with the same key, which may expire later: deleted
  // here, it must stay as deleted.
  void operator()(const PruneDedup& op) {
    run.dedup_pruned_ = std::max(op.before, run.dedup_pruned_.value_or(op.before));
    for (auto& [key, record] : run.dedup_) {
      if (record && record->expires_at < op.before) record.reset();
    }
  }

  void operator()(const PutTenant& op) { run.tenants_[op.tenant->id] = op.tenant; }
  void operator()(const DropTenant& op) { run.tenants_[op.id] = nullptr; }
  void operator()(const PutSetting& op) { run.settings_[op.key] = op.value; }

  void operator()(const PutResource& op) { run.resources_[key_of(op.resource)] = op.resource; }
  void operator()(const DropResource& op) {
    run.resources_[{op.kind, op.tenant, op.name}] = std::nullopt;
  }
  void operator()(const PutSequence& op) { run.sequences_[op.sequence.lane] = op.sequence; }
};

void CommitRun::add(Position position, const WriteSet& set, std::size_t bytes) {
  CHECK(last_ == 0 || position == last_ + 1);
  if (first_ == 0) first_ = position;
  last_ = position;
  operations_ += set.operations.size();
  bytes_ += bytes;
  Adder adder{*this, position};
  for (const RowOperation& operation : set.operations) std::visit(adder, operation);
}

const MergedEntry* CommitRun::entry_of(DeliveryId id) const {
  const auto number = entry_numbers_.find(id);
  return number == entry_numbers_.end() ? nullptr : &entries_[number->second];
}

}  // namespace ferry::store
