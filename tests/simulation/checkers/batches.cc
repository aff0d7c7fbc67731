#include "simulation/checkers/batches.h"

namespace ferry::simulation {

void BatchChecker::on(const SetStored& stored) {
  std::map<CallId, std::set<std::size_t>> items;
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    const DeliveryFact* fact = facts_.find(DeliveryId{put.message->id.value});
    expect(fact != nullptr, "a message without its delivery", put.message->id.value);
    if (fact != nullptr && fact->item) items[fact->item->call].insert(fact->item->item);
  });
  for (const auto& [id, made] : items) {
    const auto number = static_cast<std::int64_t>(id);
    expect(seen_.insert(id).second, "one call was stored in two write-sets", number);
    const auto* call = facts_.command<engine::Publish>(id);
    expect(call != nullptr, "a message of no call", number);
    if (call == nullptr) return;
    for (std::size_t i = 0; i < call->items.size(); ++i) {
      if (made.contains(i)) continue;
      const auto& key = call->items[i].dedup_key;
      expect(key && facts_.dedup.contains({call->tenant, *key}), "a part of a batch is missing",
             number);
    }
  }
}

}  // namespace ferry::simulation
