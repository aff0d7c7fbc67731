#include "simulation/checkers/dedup.h"

namespace ferry::simulation {

void DedupChecker::on(const SetStored& stored) {
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    const DeliveryFact* fact = facts_.find(DeliveryId{put.message->id.value});
    if (fact == nullptr || !fact->item) return;
    const auto* call = facts_.command<engine::Publish>(fact->item->call);
    if (call == nullptr || fact->item->item >= call->items.size()) return;
    const auto& key = call->items[fact->item->item].dedup_key;
    if (!key) return;
    const auto [last, first] = last_.try_emplace({call->tenant, *key}, stored.now);
    expect(first || stored.now - last->second >= options_.dedup_window,
           "two messages with one key inside the window", put.message->id.value);
    last->second = stored.now;
    std::vector<DeliveryId> made;
    for_each<store::PutDelivery>(stored.set, [&](const store::PutDelivery& row) {
      if (row.delivery.message_id == put.message->id) made.push_back(row.delivery.id);
    });
    const auto record = facts_.dedup.find({call->tenant, *key});
    expect(record != facts_.dedup.end() && record->second.deliveries == made &&
               record->second.expires_at == stored.now + options_.dedup_window,
           "the key of a message is not stored with it", put.message->id.value);
  });
}

void DedupChecker::on(const CallAnswered& answered) {
  const auto* published = std::get_if<engine::Published>(&answered.answer);
  const auto* call = facts_.command<engine::Publish>(answered.call);
  if (published == nullptr || call == nullptr) return;
  const auto number = static_cast<std::int64_t>(answered.call);
  for (std::size_t i = 0; i < std::min(published->items.size(), call->items.size()); ++i) {
    const engine::PublishedDelivery& item = published->items[i].deliveries.front();
    if (!item.deduplicated) continue;
    const auto& key = call->items[i].dedup_key;
    expect(key.has_value(), "deduplicated without a key", number);
    const DeliveryFact* first = facts_.find(item.id);
    if (!key || first == nullptr || !first->item) continue;
    const auto* original = facts_.command<engine::Publish>(first->item->call);
    expect(
        original->tenant == call->tenant && original->items.at(first->item->item).dedup_key == key,
        "deduplicated with another message", number);
    expect(first->stored_at + options_.dedup_window > facts_.calls.at(answered.call).made_at,
           "deduplicated after the window", number);
  }
}

}  // namespace ferry::simulation
