#include "simulation/checkers/cancels.h"

namespace ferry::simulation {

void CancelChecker::on(const CallMade& made) {
  const auto* cancel = std::get_if<engine::Cancel>(&made.command);
  if (cancel == nullptr) return;
  Asked& asked = asked_[made.call];
  for (const DeliveryId id : cancel->deliveries) {
    const DeliveryFact* fact = facts_.find(id);
    if (fact == nullptr || fact->row.tenant != cancel->tenant) continue;
    wanted_.insert(id);
    if (!fact->pending) continue;
    asked.pending.insert(id);
    if (!fact->row.cancel_requested) asked.open.insert(id);
  }
}

void CancelChecker::on(const CallAnswered& answered) {
  const auto* cancelled = std::get_if<engine::Cancelled>(&answered.answer);
  if (cancelled == nullptr) return;
  const Asked& asked = asked_[answered.call];
  const auto number = static_cast<std::int64_t>(answered.call);
  for (const DeliveryId id : asked.open) {
    const DeliveryFact& fact = *facts_.find(id);
    expect(!fact.pending || fact.row.cancel_requested, "cancelled, but it goes on", id.value);
  }
  expect(std::cmp_less_equal(cancelled->count, asked.pending.size()),
         "cancelled more than it could", number);
}

void CancelChecker::on(const SetStored& stored) {
  for_each<store::AppendEntry>(stored.set, [&](const store::AppendEntry& append) {
    const Entry& entry = append.entry;
    const bool cancels =
        has_state(entry, EventState::kCancelRequested) || has_state(entry, EventState::kCanceled);
    if (!cancels) return;
    expect(wanted_.contains(entry.delivery.id) ||
               facts_.tenants_deleted.contains(entry.delivery.tenant),
           "cancelled without being asked", entry.delivery.id.value);
  });
}

}  // namespace ferry::simulation
