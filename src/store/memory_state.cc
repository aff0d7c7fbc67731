#include "store/memory_state.h"

#include <algorithm>

#include "base/digest.h"
#include "base/encoding.h"
#include "store/records.h"

namespace ferry::store {
namespace {

LaneRow lane_row(const Delivery& delivery) {
  return {delivery.lane, LanePlace{delivery.due_at, delivery.id}};
}

// Goes in order with the others of its sequence, rather than holding the slot of one of them.
bool is_member(const Delivery& delivery) {
  return delivery.sequence != kTimeLane && (!delivery.slot || delivery.slot == delivery.id);
}

bool is_sibling(const Delivery& delivery) { return delivery.id.value != delivery.message_id.value; }

template <class Key>
void count(std::map<Key, std::int64_t>& counts, Key key, std::int64_t more) {
  const auto row = counts.try_emplace(key).first;
  row->second += more;
  if (row->second == 0) counts.erase(row);
}

class Applier {
 public:
  explicit Applier(MemoryState& state) : state_(state) {}

  void operator()(const PutMessage& op) {
    saw_id(op.message->id.value);
    state_.messages[op.message->id] = op.message;
    state_.all_messages[op.message->id] = op.message;
  }
  void operator()(const DropMessage& op) { state_.messages.erase(op.id); }
  void operator()(const ReleaseMessage& op) {
    const auto own = state_.deliveries.find(DeliveryId{op.id.value});
    const bool needed = state_.siblings.contains(op.id) ||
                        (own != state_.deliveries.end() && own->second.message_id == op.id);
    if (!needed) state_.messages.erase(op.id);
  }

  void operator()(const PutDelivery& op) {
    saw_id(op.delivery.id.value);
    remove_delivery(op.delivery.id);
    count_in(op.delivery, 1);
    state_.lanes.insert(lane_row(op.delivery));
    state_.deliveries.emplace(op.delivery.id, op.delivery);
  }
  void operator()(const DropDelivery& op) { remove_delivery(op.id); }

  void operator()(const AppendEntry& op) {
    const auto number = static_cast<std::int64_t>(state_.entries.size());
    state_.entries.push_back(std::make_shared<const Entry>(op.entry));
    state_.last_entry_of[op.entry.delivery.id] = number;
    std::set<EventPlace>& places = state_.events_of[op.entry.delivery.tenant];
    std::int64_t index = 0;
    for (const Event& event : op.entry.events) places.insert({event.time, number, index++});
  }

  void operator()(const PutDeadLetter& op) {
    saw_id(op.letter->id.value);
    DeadLetterPtr& letter = state_.dead_letters[op.letter->id];
    letter = op.letter;
    if (!is_body_stored(*letter->message)) return;
    auto whole = std::make_shared<DeadLetter>(*letter);
    whole->message = find_message(state_.all_messages, letter->message->id);
    letter = std::move(whole);
  }
  void operator()(const DropDeadLetter& op) { state_.dead_letters.erase(op.id); }
  void operator()(const PruneDeadLetters& op) {
    const DeadLetterId first_kept{first_id_at(op.before)};
    state_.dead_letters.erase(state_.dead_letters.begin(),
                              state_.dead_letters.lower_bound(first_kept));
  }

  void operator()(const PutDedup& op) {
    state_.dedup[{op.record.tenant, op.record.key}] = op.record;
  }
  void operator()(const PruneDedup& op) {
    std::erase_if(state_.dedup, [&](const auto& row) { return row.second.expires_at < op.before; });
  }

  void operator()(const PutTenant& op) { state_.tenants[op.tenant->id] = op.tenant; }
  void operator()(const DropTenant& op) { state_.tenants.erase(op.id); }
  void operator()(const PutSetting& op) {
    if (op.value.empty()) {
      state_.settings.erase(op.key);
    } else {
      state_.settings[op.key] = op.value;
    }
  }

  void operator()(const PutResource& op) { state_.resources[key_of(op.resource)] = op.resource; }
  void operator()(const DropResource& op) {
    state_.resources.erase(ResourceKey{op.kind, op.tenant, op.name});
  }
  void operator()(const PutSequence& op) {
    if (op.sequence.held.empty()) {
      state_.sequences.erase(op.sequence.lane);
    } else {
      state_.sequences[op.sequence.lane] = op.sequence;
    }
  }

 private:
  void saw_id(std::int64_t id) { state_.last_id = std::max(state_.last_id, id); }

  void remove_delivery(DeliveryId id) {
    const auto row = state_.deliveries.find(id);
    if (row == state_.deliveries.end()) return;
    count_in(row->second, -1);
    state_.lanes.erase(lane_row(row->second));
    state_.deliveries.erase(row);
  }

  void count_in(const Delivery& delivery, std::int64_t more) {
    if (is_sibling(delivery)) count(state_.siblings, delivery.message_id, more);
    if (is_member(delivery)) count(state_.members, delivery.sequence, more);
  }

  MemoryState& state_;
};

template <class T>
void dump_row(std::string& out, std::string_view kind, std::string key, const T& row,
              void (*encode)(const T&, std::string&)) {
  std::string record;
  encode(row, record);
  out.append(kind).append(" ").append(key).append(" ");
  out.append(hex_encode(as_text(sha256(record)))).append("\n");
}

std::string describe_place(const Delivery& delivery) {
  return std::to_string(delivery.id.value) + " retried=" + std::to_string(delivery.retried) +
         " due_at=" + format_rfc3339(delivery.due_at) + " lane=" + std::to_string(delivery.lane) +
         " slot=" + std::to_string(delivery.slot.value);
}

}  // namespace

void apply(MemoryState& state, const WriteSet& set) {
  for (const RowOperation& operation : set.operations) std::visit(Applier(state), operation);
  ++state.position;
}

MessagePtr find_message(const std::map<MessageId, MessagePtr>& messages, MessageId id) {
  const auto row = messages.find(id);
  return row == messages.end() ? nullptr : row->second;
}

std::string dump(const MemoryState& state) {
  std::string out;
  for (const auto& [id, tenant] : state.tenants) {
    dump_row(out, "tenant", std::to_string(id.value), *tenant, encode_tenant);
  }
  for (const auto& [key, value] : state.settings) {
    out.append("setting ");
    out.append(percent_encode(key)).append("=").append(percent_encode(value)).append("\n");
  }
  for (const auto& [key, resource] : state.resources) {
    const std::string where = std::to_string(static_cast<int>(key.kind)) + " " +
                              std::to_string(key.tenant.value) + " " + percent_encode(key.name);
    dump_row(out, "resource", where, resource, encode_resource);
  }
  for (const auto& [lane, sequence] : state.sequences) {
    dump_row(out, "sequence", std::to_string(lane), sequence, encode_sequence);
  }
  for (const auto& [id, message] : state.messages) {
    dump_row(out, "message", std::to_string(id.value), *message, encode_message);
  }
  for (const auto& [id, delivery] : state.deliveries) {
    dump_row(out, "delivery", describe_place(delivery), delivery, encode_delivery);
  }
  for (const auto& [id, letter] : state.dead_letters) {
    dump_row(out, "dead_letter", std::to_string(id.value), *letter, encode_dead_letter);
  }
  for (const auto& [key, record] : state.dedup) {
    dump_row(out, "dedup", std::to_string(key.first.value), record, encode_dedup);
  }
  return out;
}

}  // namespace ferry::store
