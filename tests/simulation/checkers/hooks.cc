#include "simulation/checkers/hooks.h"

namespace ferry::simulation {
namespace {

// The number of the attempt whose outcome the entry tells.
std::int32_t attempt_of(const Entry& entry) {
  return has_state(entry, EventState::kRetry) ? entry.delivery.retried - 1 : entry.delivery.retried;
}

const Entry* entry_of(const store::WriteSet& set, DeliveryId id) {
  const Entry* found = nullptr;
  for_each<store::AppendEntry>(set, [&](const store::AppendEntry& append) {
    if (append.entry.delivery.id == id) found = &append.entry;
  });
  return found;
}

}  // namespace

void HookChecker::on(const SetStored& stored) {
  if (only<store::DropDeadLetter>(stored.set) != nullptr) return;  // a callback tried again
  std::map<DeliveryId, Counts> made;
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    const Message& message = *put.message;
    const bool hook =
        message.kind == MessageKind::kCallback || message.kind == MessageKind::kFailureCallback;
    if (!hook) return;
    const bool failure = message.kind == MessageKind::kFailureCallback;
    ++(failure ? made[message.source].failure_callbacks : made[message.source].callbacks);
    check_message(stored.set, message);
  });
  for_each<store::AppendEntry>(stored.set, [&](const store::AppendEntry& append) {
    check_entry(append.entry, made[append.entry.delivery.id]);
    made.erase(append.entry.delivery.id);
  });
  for (const auto& [source, counts] : made) {
    expect(false, "a callback without its outcome in the write-set", source.value);
  }
}

void HookChecker::check_message(const store::WriteSet& set, const Message& message) {
  const Entry* entry = entry_of(set, message.source);
  const DeliveryFact* source = facts_.find(message.source);
  if (entry == nullptr || source == nullptr) return;  // told by on()
  const std::int64_t id = message.source.value;
  const bool failure = message.kind == MessageKind::kFailureCallback;
  const auto& asked = failure ? source->message->failure_callback : source->message->callback;
  const DeliveryFact* made = facts_.find(DeliveryId{message.id.value});
  expect(made != nullptr && asked && made->row.to->target.url == asked->url,
         "a callback to another URL", id);
  expect(made != nullptr && made->row.tenant == source->row.tenant, "a callback of another tenant",
         id);
  const std::string_view body = message.body.view();
  expect(body.contains("\"retried\":" + std::to_string(attempt_of(*entry)) + ","),
         "a callback about another attempt", id);
  if (!failure) return;
  const auto* letter = only<store::PutDeadLetter>(set);
  expect(letter != nullptr &&
             body.contains("\"dlqId\":\"" + wire_dead_letter_id(letter->letter->id) + "\""),
         "a failure callback without the dead letter's id", id);
}

void HookChecker::check_entry(const Entry& entry, const Counts& made) {
  const Message& message = *facts_.find(entry.delivery.id)->message;
  const bool recorded =
      has_state(entry, EventState::kDelivered) || has_state(entry, EventState::kError);
  const bool silent = entry.delivery.cancel_requested || has_state(entry, EventState::kCanceled);
  const bool callback = recorded && !silent && message.callback;
  const bool failure = has_state(entry, EventState::kFailed) && message.failure_callback;
  const std::int64_t id = entry.delivery.id.value;
  expect(made.callbacks == (callback ? 1 : 0), "not the promised callback", id);
  expect(made.failure_callbacks == (failure ? 1 : 0), "not the promised failure callback", id);
}

}  // namespace ferry::simulation
