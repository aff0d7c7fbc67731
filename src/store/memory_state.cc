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

class Applier {
 public:
  explicit Applier(MemoryState& state) : state_(state) {}

  void operator()(const PutMessage& op) {
    saw_id(op.message->id.value);
    state_.messages[op.message->id] = op.message;
    state_.all_messages[op.message->id] = op.message;
  }
  void operator()(const DropMessage& op) { state_.messages.erase(op.id); }

  void operator()(const PutDelivery& op) {
    saw_id(op.delivery.id.value);
    remove_delivery(op.delivery.id);
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
    state_.dead_letters[op.letter->id] = op.letter;
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

 private:
  void saw_id(std::int64_t id) { state_.last_id = std::max(state_.last_id, id); }

  void remove_delivery(DeliveryId id) {
    const auto row = state_.deliveries.find(id);
    if (row == state_.deliveries.end()) return;
    state_.lanes.erase(lane_row(row->second));
    state_.deliveries.erase(row);
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
         " due_at=" + format_rfc3339(delivery.due_at) + " lane=" + std::to_string(delivery.lane);
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
