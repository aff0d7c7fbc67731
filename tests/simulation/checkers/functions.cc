#include "simulation/checkers/functions.h"

namespace ferry::simulation {
namespace {

// Written down here, not taken from the rules under test (seed 003; contract sections 2.1, 7).
constexpr Duration kPushBudget = std::chrono::minutes(30);
constexpr Duration kPushFirst{500};
constexpr Duration kPushLongest = std::chrono::seconds(60);
constexpr Duration kThrottleBudget = std::chrono::hours(5);
constexpr Duration kTaskKept = std::chrono::hours(24 * 7);
constexpr std::int32_t kVisitsMax = 16;
constexpr std::int32_t kHopsMax = 64;

bool has_budget(const Message& message) { return message.invocation || message.push; }

Duration push_wait(std::int32_t attempt) {
  Duration wait = kPushFirst;
  while (attempt-- > 0 && wait < kPushLongest) wait *= 2;
  return std::min(wait, kPushLongest);
}

}  // namespace

void FunctionChecker::on(const AttemptReported& reported) {
  const engine::RecordOutcome& record = reported.record;
  if (record.attempt == 0) {
    first_started_[record.delivery].insert(record.outcome.started_at);
  }
  reported_[{record.delivery, record.attempt}].insert(record.outcome.kind);
  if (record.outcome.condition == "RecursionDetected") stopped_.insert(record.delivery);
}

void FunctionChecker::on(const SetStored& stored) {
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    // One that a dead letter is retried as has no end of an invocation beside it.
    const bool again = only<store::DropDeadLetter>(stored.set) != nullptr;
    if (put.message->push && !again) check_push(stored.set, *put.message);
    if (put.message->invocation) check_lineage(*put.message);
  });
  for_each<store::AppendEntry>(stored.set, [&](const store::AppendEntry& append) {
    check_promises(stored.set, append.entry);
  });
  for_each<store::PutDelivery>(
      stored.set, [&](const store::PutDelivery& put) { check_budget(put.delivery, stored.now); });
  for_each<store::PutDeadLetter>(
      stored.set, [&](const store::PutDeadLetter& put) { check_letter(*put.letter); });
}

void FunctionChecker::check_push(const store::WriteSet& set, const Message& push) {
  const DeliveryFact* source = facts_.find(push.source);
  const DeliveryFact* made = facts_.find(DeliveryId{push.id.value});
  const std::int64_t id = push.id.value;
  const bool has_source = source != nullptr && has_budget(*source->message);
  expect(has_source, "a push of no invocation and no push", id);
  if (!has_source || made == nullptr) return;
  const bool success = push.push->success;
  const Message& of = *source->message;
  expect(!of.push || (of.push->success && !success && stopped_.contains(push.source)),
         "a push of a push that was not stopped", id);
  expect(made->row.to->target.url == (success ? of.on_success : of.on_failure),
         "a push to another destination", id);
  expect(made->row.tenant == source->row.tenant, "a push of another tenant", id);
  const std::string& request = of.push ? of.push->request_id : of.invocation->request_id;
  expect(push.push->event_id == request + (success ? ":s" : ":f"), "a push with another event id",
         id);
  expect(push.push->lineage == (of.push ? of.push->lineage : of.invocation->lineage),
         "a push that lost its chain", id);
  bool ended = false;
  for_each<store::AppendEntry>(set, [&](const store::AppendEntry& append) {
    if (append.entry.delivery.id != push.source) return;
    ended = has_state(append.entry, success ? EventState::kDelivered : EventState::kFailed);
  });
  expect(ended, "a push without the end of its source in the write-set", id);
}

void FunctionChecker::check_promises(const store::WriteSet& set, const Entry& entry) {
  const DeliveryFact* fact = facts_.find(entry.delivery.id);
  if (fact == nullptr || !has_budget(*fact->message)) return;
  int pushes = 0;
  for_each<store::PutMessage>(set, [&](const store::PutMessage& put) {
    if (put.message->push && put.message->source == entry.delivery.id) ++pushes;
  });
  const bool silent = entry.delivery.cancel_requested || has_state(entry, EventState::kCanceled);
  const bool success =
      has_state(entry, EventState::kDelivered) && !silent && !fact->message->on_success.empty();
  const bool failure = has_state(entry, EventState::kFailed) &&
                       !fact->message->on_failure.empty() &&
                       (fact->message->invocation || stopped_.contains(entry.delivery.id));
  expect(pushes == (success || failure ? 1 : 0), "not the promised push", entry.delivery.id.value);
}

// Of a row that waits for another try.
void FunctionChecker::check_budget(const Delivery& row, TimePoint now) {
  const DeliveryFact* fact = facts_.find(row.id);
  if (fact == nullptr || !has_budget(*fact->message) || row.retried == 0) return;
  const std::int64_t id = row.id.value;
  expect(row.first_attempt_at && first_started_[row.id].contains(*row.first_attempt_at),
         "the budget does not begin with the first attempt", id);
  std::int32_t least = 0, most = 0;
  for (std::int32_t attempt = 0; attempt < row.retried; ++attempt) {
    const std::set<OutcomeKind>& said = reported_[{row.id, attempt}];
    if (!said.contains(OutcomeKind::kThrottled)) continue;
    ++most;
    if (said.size() == 1) ++least;
  }
  expect(least <= row.throttled && row.throttled <= most, "throttled attempts are miscounted", id);
  if (!row.first_attempt_at) return;
  const bool is_push = fact->message->push != nullptr;
  const bool only_throttled = row.throttled == row.retried;
  const TimePoint last = *row.first_attempt_at + (is_push ? kPushBudget : kThrottleBudget);
  // An outcome that comes late makes its delivery due at once.
  expect((!is_push && !only_throttled) || row.due_at <= std::max(last, now),
         "tried again after its time", id);
  if (!is_push) return;
  expect(row.due_at >= *row.first_attempt_at + push_wait(row.retried - 1),
         "a push is tried again too early", id);
}

void FunctionChecker::check_letter(const DeadLetter& letter) {
  const Delivery& row = letter.delivery;
  if (!letter.message->invocation) return;
  if (reported_[{row.id, row.retried}] != std::set{OutcomeKind::kFailed}) return;
  expect(row.retried - row.throttled == letter.message->max_retries,
         "an invocation gave up before its last try", row.id.value);
}

void FunctionChecker::check_lineage(const Message& message) {
  const Lineage& lineage = message.invocation->lineage;
  const std::int64_t id = message.id.value;
  expect(!lineage.root.empty() && !lineage.visits.empty(), "an invocation without a chain", id);
  expect(lineage.hops < kHopsMax, "a chain beyond its length", id);
  std::int32_t invocations = 0;
  for (const Lineage::Visit& visit : lineage.visits) {
    expect(visit.count <= kVisitsMax, "a function came by too often in one chain", id);
    invocations += visit.count;
  }
  expect(invocations == lineage.hops + 1, "a chain that does not grow by one", id);
  const Message* push = push_behind(message.invocation->request_id);
  if (push == nullptr) return;
  const Lineage& before = push->push->lineage;
  expect(lineage.root == before.root && lineage.hops == before.hops + 1,
         "an invocation that leaves the chain of its result", id);
}

// The push that an invocation carries out, by the request id that invocation_of_push gave it.
const Message* FunctionChecker::push_behind(std::string_view request_id) const {
  if (!request_id.starts_with(kPushRequest)) return nullptr;
  const std::int64_t delivery = std::stoll(std::string(request_id.substr(kPushRequest.size())));
  const DeliveryFact* fact = facts_.find(DeliveryId{delivery});
  return fact != nullptr && fact->message->push ? fact->message.get() : nullptr;
}

void FunctionChecker::on(const CallAnswered& answered) {
  const auto* invoked = std::get_if<engine::Invoked>(&answered.answer);
  if (invoked == nullptr) return;
  const auto id = static_cast<std::int64_t>(answered.call);
  const auto* call = facts_.command<engine::Invoke>(answered.call);
  const DeliveryFact* fact = facts_.find(invoked->id);
  expect(call != nullptr && fact != nullptr, "accepted, but not in the store", id);
  if (call == nullptr || fact == nullptr) return;
  const Message& message = *fact->message;
  expect(message.body == call->event && fact->row.tenant == call->tenant && message.invocation &&
             message.invocation->request_id == call->request_id,
         "another invocation is stored than was accepted", id);
  if (!invoked->task_mode || !call->task_given) return;
  TimePoint& until = tasks_[{call->tenant, call->function + ":" + call->task_id}];
  expect(until <= answered.now, "a second task of one id", id);
  until = message.created_at + call->delay + kTaskKept;
}

}  // namespace ferry::simulation
