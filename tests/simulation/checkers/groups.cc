#include "simulation/checkers/groups.h"

#include <algorithm>

namespace ferry::simulation {

void GroupChecker::check_fan_out(const store::WriteSet& set, const Message& message) {
  std::vector<Endpoint> made;
  std::string name;
  for_each<store::PutDelivery>(set, [&](const store::PutDelivery& put) {
    if (put.delivery.message_id != message.id) return;
    const Destination& to = *put.delivery.to;
    made.push_back({.name = to.endpoint_name, .url = to.target.url});
    name = to.group_name;
  });
  open_[message.id] = std::ssize(made);
  const bool one = name.empty() || only<store::DropDeadLetter>(set) != nullptr;
  if (one) return expect(made.size() == 1, "not one delivery for a URL", message.id.value);
  const auto group = facts_.resource<UrlGroupPtr>(message.tenant, name);
  expect(group && group->endpoints == made, "not one delivery for each endpoint", message.id.value);
}

void GroupChecker::on(const SetStored& stored) {
  for_each<store::PutMessage>(
      stored.set, [&](const store::PutMessage& put) { check_fan_out(stored.set, *put.message); });
  for_each<store::DropDelivery>(stored.set, [&](const store::DropDelivery& drop) {
    const DeliveryFact* fact = facts_.find(drop.id);
    if (fact != nullptr) --open_[fact->row.message_id];
  });
  for_each<store::DropMessage>(stored.set, [&](const store::DropMessage& drop) {
    expect(open_[drop.id] == 0, "content dropped before the last delivery ended", drop.id.value);
  });
}

}  // namespace ferry::simulation
