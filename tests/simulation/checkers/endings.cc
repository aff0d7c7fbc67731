#include "simulation/checkers/endings.h"

namespace ferry::simulation {

void EndingChecker::on(const SetStored& stored) {
  std::set<DeliveryId> dropped;
  std::set<MessageId> messages;
  for_each<store::DropDelivery>(stored.set, [&](const auto& drop) { dropped.insert(drop.id); });
  for_each<store::DropMessage>(stored.set, [&](const auto& drop) { messages.insert(drop.id); });
  for_each<store::ReleaseMessage>(stored.set,
                                  [&](const auto& release) { messages.insert(release.id); });
  for_each<store::AppendEntry>(stored.set, [&](const store::AppendEntry& append) {
    const Entry& entry = append.entry;
    const std::int64_t id = entry.delivery.id.value;
    expect(!ended_.contains(entry.delivery.id), "an event after the end", id);
    expect(ends(entry) == dropped.contains(entry.delivery.id), "the end and its event differ", id);
    if (!ends(entry)) return;
    ended_.insert(entry.delivery.id);
    expect(messages.contains(entry.delivery.message_id), "ended, but its content stays", id);
    dropped.erase(entry.delivery.id);
  });
  for (const DeliveryId id : dropped) expect(false, "dropped without an event", id.value);
  for_each<store::PutDelivery>(stored.set, [&](const store::PutDelivery& put) {
    expect(!ended_.contains(put.delivery.id), "stored again after the end", put.delivery.id.value);
  });
}

void EndingChecker::on(const RunEnded& ended) {
  for (const auto& [id, fact] : facts_.deliveries) {
    expect(!fact.pending && ended_.contains(id),
           "never ended: due " + format_rfc3339(fact.row.due_at) + ", retried " +
               std::to_string(fact.row.retried) + ", lane " + std::to_string(fact.row.lane),
           id.value);
  }
  expect(!ended.rows.contains("\ndelivery ") && !ended.rows.contains("\nmessage ") &&
             !ended.rows.contains("\nsequence "),
         "rows of ended deliveries stay in the store");
}

}  // namespace ferry::simulation
