#include "simulation/facts.h"

#include <charconv>

namespace ferry::simulation {
namespace {

// "17/2"
std::optional<ItemId> parse_item(std::string_view text) {
  ItemId id;
  const char* const end = text.data() + text.size();
  const auto call = std::from_chars(text.data(), end, id.call);
  if (call.ptr == end || *call.ptr != '/') return std::nullopt;
  std::from_chars(call.ptr + 1, end, id.item);
  return id;
}

template <class T>
const T* first_of(const store::WriteSet& set) {
  for (const store::RowOperation& operation : set.operations) {
    if (const T* found = std::get_if<T>(&operation)) return found;
  }
  return nullptr;
}

MessagePtr message_in(const store::WriteSet& set, MessageId id) {
  for (const store::RowOperation& operation : set.operations) {
    const auto* put = std::get_if<store::PutMessage>(&operation);
    if (put != nullptr && put->message->id == id) return put->message;
  }
  return nullptr;
}

}  // namespace

ResourceName name_of_row(const Resource& resource) {
  return {kind_of(resource), tenant_of(resource), std::string(name_of(resource))};
}

std::string item_text(ItemId id) { return std::to_string(id.call) + "/" + std::to_string(id.item); }

void Facts::on(const CallMade& made) {
  calls.emplace(made.call, CallFact{.made_at = made.now, .command = made.command});
}

void Facts::on(const CallAnswered& answered) {
  const auto it = calls.find(answered.call);
  if (it != calls.end()) it->second.answered = true;  // else a checker says so
}

void Facts::on(const CallLost& lost) {
  CallFact& call = calls.at(lost.call);
  if (!call.answered) call.lost = true;
}

void Facts::put(const store::PutDelivery& op, const SetStored& stored) {
  const Delivery& row = op.delivery;
  const auto known = deliveries.find(row.id);
  if (known != deliveries.end()) {
    known->second.row = row;
    return;
  }
  DeliveryFact fact{
      .row = row, .message = message_in(stored.set, row.message_id), .stored_at = stored.now};
  if (const auto* letter = first_of<store::DropDeadLetter>(stored.set)) {
    fact.retry_of = letter->id;
  } else if (fact.message && fact.message->kind == MessageKind::kPublished) {
    const std::string* item = fact.message->headers.find(kItemHeader);
    if (item != nullptr) fact.item = parse_item(*item);
  }
  deliveries.emplace(row.id, std::move(fact));
  ++pending;
}

void Facts::drop(DeliveryId id) {
  const auto it = deliveries.find(id);
  if (it == deliveries.end() || !it->second.pending) return;
  it->second.pending = false;
  --pending;
}

void Facts::on(const SetStored& stored) {
  for (const store::RowOperation& operation : stored.set.operations) {
    if (const auto* row = std::get_if<store::PutDelivery>(&operation)) {
      put(*row, stored);
    } else if (const auto* ended = std::get_if<store::DropDelivery>(&operation)) {
      drop(ended->id);
    } else if (const auto* letter = std::get_if<store::PutDeadLetter>(&operation)) {
      letters[letter->letter->id] = letter->letter;
      letters_ever.insert(letter->letter->id);
    } else if (const auto* gone = std::get_if<store::DropDeadLetter>(&operation)) {
      letters.erase(gone->id);
    } else if (const auto* prune = std::get_if<store::PruneDeadLetters>(&operation)) {
      letters.erase(letters.begin(), letters.lower_bound(DeadLetterId{first_id_at(prune->before)}));
    } else if (const auto* key = std::get_if<store::PutDedup>(&operation)) {
      dedup[{key->record.tenant, key->record.key}] = key->record;
    } else if (const auto* tenant = std::get_if<store::PutTenant>(&operation)) {
      tenants[tenant->tenant->id] = tenant->tenant;
      tenants_ever.insert(tenant->tenant->id);
    } else if (const auto* deleted = std::get_if<store::DropTenant>(&operation)) {
      tenants.erase(deleted->id);
      tenants_deleted.insert(deleted->id);
    } else if (const auto* saved = std::get_if<store::PutResource>(&operation)) {
      resources[name_of_row(saved->resource)] = saved->resource;
    } else if (const auto* away = std::get_if<store::DropResource>(&operation)) {
      resources.erase({away->kind, away->tenant, away->name});
    } else if (const auto* setting = std::get_if<store::PutSetting>(&operation)) {
      if (setting->key == "paused") paused = !setting->value.empty();
    }
  }
}

const DeliveryFact* Facts::find(DeliveryId id) const {
  const auto it = deliveries.find(id);
  return it == deliveries.end() ? nullptr : &it->second;
}

}  // namespace ferry::simulation
