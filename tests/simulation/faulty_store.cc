#include "simulation/faulty_store.h"

#include <utility>

#include "store/memory_store.h"

namespace ferry::simulation {
namespace {

std::unexpected<Error> read_failed() { return fail(ErrorCode::kStoreIo, "read failed as planned"); }

}  // namespace

FaultyStore::FaultyStore(Random& random, Stored stored)
    : random_(random), rows_(store::make_memory_store(random)), stored_(std::move(stored)) {}

std::string FaultyStore::dump() const { return store::dump_memory_store(*rows_); }

Result<store::Position> FaultyStore::write(std::span<const store::WriteSet> sets) {
  Result<store::Position> position = rows_->position();
  if (!sets.empty()) position = rows_->commit(sets);
  for (const store::WriteSet& set : sets) stored_(set);
  return position;
}

Result<store::Position> FaultyStore::commit(std::span<const store::WriteSet> sets) {
  if (!fails(commit_fault_one_in)) return write(sets);
  ++commit_faults_;
  if (random_.one_in(3)) return fail(ErrorCode::kDiskFull, "disk full as planned");
  static_cast<void>(write(sets.first(random_.below(sets.size() + 1))));
  return fail(ErrorCode::kStoreIo, "sync failed as planned");
}

Result<store::Totals> FaultyStore::totals() {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->totals();
}

Result<std::optional<store::LoadedDelivery>> FaultyStore::delivery(DeliveryId id) {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->delivery(id);
}

Result<store::LaneSlice> FaultyStore::lane(const store::LaneQuery& query) {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->lane(query);
}

Result<std::optional<DedupRecord>> FaultyStore::dedup(TenantId tenant, const DedupKey& key) {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->dedup(tenant, key);
}

Result<ScheduleBodyPtr> FaultyStore::schedule_body(TenantId tenant, const std::string& schedule) {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->schedule_body(tenant, schedule);
}

Result<DeadLetterPtr> FaultyStore::dead_letter(DeadLetterId id, store::LargeBodies bodies) {
  if (fails(read_fault_one_in)) return read_failed();
  return rows_->dead_letter(id, bodies);
}

}  // namespace ferry::simulation
