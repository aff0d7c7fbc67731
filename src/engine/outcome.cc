// RecordOutcome: delivered, tried again, or dead; what it sets off becomes new messages in the same
// write-set, so a crash can neither lose a hook nor send one for an outcome that was not stored.

#include <utility>

#include "engine/deliveries.h"
#include "engine/families.h"
#include "engine/function_counts.h"
#include "engine/running.h"

namespace ferry::engine {
namespace {

Event active_event(const Held& held) { return plain_event(EventState::kActive, held.started_at); }

Event failure_event(EventState state, const RecordOutcome& command, TimePoint now) {
  Event event = plain_event(state, now);
  event.error = command.outcome.error;
  event.response = command.outcome.response;
  return event;
}

// The head of a queue is not finished before its callbacks are (contract section 3.3); what those
// set off in turn is nobody's concern.
SharedSlot share_slot(Engine::State& state, const Delivery& source) {
  if (!source.slot || source.slot != source.id) return {};
  state.slots.share(source.sequence, source.slot);
  return {.sequence = source.sequence, .root = source.slot};
}

bool is_push(HookKind kind) {
  return kind == HookKind::kSuccessPush || kind == HookKind::kFailurePush;
}

void store_push(Engine::State& state, Turn& turn, store::WriteSet& set, const Held& held,
                RenderedHook hook) {
  const bool success = hook.kind == HookKind::kSuccessPush;
  const std::string& to = success ? held.message->on_success : held.message->on_failure;
  if (to.empty()) return;
  Message message = make_push_message(*held.message, held.delivery, std::move(hook));
  create_delivery(state, turn, set, std::move(message),
                  Destination{.target = {.kind = TargetKind::kPush, .url = to}}, turn.now,
                  share_slot(state, held.delivery));
  state.metrics.hooks_total.add();
}

void store_hook(Engine::State& state, Turn& turn, store::WriteSet& set, const Held& held,
                RenderedHook hook) {
  const bool failure = hook.kind == HookKind::kFailureCallback;
  const auto& asked = failure ? held.message->failure_callback : held.message->callback;
  if (!asked) return;
  Message message = make_hook_message(hook.kind, *held.message, held.delivery, std::move(hook));
  message.tenant = held.message->tenant;
  create_delivery(state, turn, set, std::move(message), Destination{.target = {.url = asked->url}},
                  first_due(*asked->options, turn.now), share_slot(state, held.delivery));
  state.metrics.hooks_total.add();
}

void store_hooks(Engine::State& state, Turn& turn, store::WriteSet& set, const Held& held,
                 std::vector<RenderedHook> hooks, DeadLetterId letter = {}) {
  for (RenderedHook& hook : hooks) {
    if (hook.gap && letter) fill_gap(hook, letter);
    if (is_push(hook.kind)) {
      store_push(state, turn, set, held, std::move(hook));
    } else {
      store_hook(state, turn, set, held, std::move(hook));
    }
  }
}

std::vector<Event> begin_events(const Held& held) {
  std::vector<Event> events;
  if (!held.active_logged) events.push_back(active_event(held));
  return events;
}

void delivered(Engine::State& state, Turn& turn, const Held& held, RecordOutcome command) {
  store::WriteSet set;
  std::vector<Event> events = begin_events(held);
  events.push_back(plain_event(EventState::kDelivered, turn.now));
  // What a task returned is shown with it.
  const Invocation* const invocation = held.message->invocation.get();
  if (invocation && invocation->task_mode) events.back().response = command.outcome.response;
  store_hooks(state, turn, set, held, std::move(command.hooks));
  const TimePoint promised = std::max(held.message->created_at, held.delivery.not_before);
  state.metrics.end_to_end.observe_us(
      std::chrono::microseconds(command.outcome.ended_at - promised).count());
  state.metrics.delivered_total.add();
  end_delivery(state, set, held.delivery, std::move(events));
  turn.sets.push_back(std::move(set));
}

// Invocations and pushes are retried for so long, not so often.
void note_budget(const Message& message, const Outcome& outcome, Delivery& row) {
  if (!message.invocation && !message.push) return;
  if (!row.first_attempt_at) row.first_attempt_at = outcome.started_at;
  if (outcome.kind == OutcomeKind::kThrottled) ++row.throttled;
}

void retry(Engine::State& state, Turn& turn, Held& held, RecordOutcome command,
           TimePoint retry_at) {
  store::WriteSet set;
  const TimePoint due = std::max(retry_at, turn.now);
  std::vector<Event> events = begin_events(held);
  events.push_back(failure_event(EventState::kError, command, turn.now));
  Event again = plain_event(EventState::kRetry, turn.now);
  again.next_delivery_at = due;
  events.push_back(std::move(again));
  store_hooks(state, turn, set, held, std::move(command.hooks));
  Delivery& row = held.delivery;
  ++row.retried;
  note_budget(*held.message, command.outcome, row);
  row.due_at = due;
  row.lane = kTimeLane;
  if (row.slot) {
    state.slots.keep(row.sequence, row.slot);
    store_slots(state, set, row.sequence);
  }
  set.add(store::PutDelivery{row});
  set.add(store::AppendEntry{{.delivery = row, .events = std::move(events)}});
  state.loads.touch(row.id);
  state.metrics.retried_total.add();
  turn.sets.push_back(std::move(set));
  state.index.wait_again(held, turn.now);
}

void dead(Engine::State& state, Turn& turn, const Held& held, RecordOutcome command) {
  store::WriteSet set;
  std::vector<Event> events = begin_events(held);
  events.push_back(failure_event(EventState::kError, command, turn.now));
  Event failed = plain_event(EventState::kFailed, turn.now);
  failed.error = command.outcome.error;  // the response stands in the ERROR event beside it
  events.push_back(std::move(failed));
  const DeadLetterId letter{state.ids.next(turn.now)};
  set.add(store::PutDeadLetter{
      std::make_shared<const DeadLetter>(DeadLetter{.id = letter,
                                                    .delivery = held.delivery,
                                                    .message = held.message,
                                                    .response = command.outcome.response,
                                                    .error = command.outcome.error})});
  state.loads.touch(letter);
  store_hooks(state, turn, set, held, std::move(command.hooks), letter);
  state.metrics.dead_total.add();
  state.totals.change_dead_letters(1);
  end_delivery(state, set, held.delivery, std::move(events));
  turn.sets.push_back(std::move(set));
}

// A failure tells something about the host only if the host itself answered.
AttemptEnd end_of(const Engine::State& state, const Outcome& outcome) {
  const bool answered = outcome.kind == OutcomeKind::kDelivered || outcome.response != nullptr;
  if (!answered) return AttemptEnd::kNoAnswer;
  const bool quick = outcome.ended_at < outcome.started_at + state.options.slow_after;
  return quick ? AttemptEnd::kQuickAnswer : AttemptEnd::kSlowAnswer;
}

}  // namespace

void apply(Engine::State& state, Turn& turn, RecordOutcome command) {
  Held* held = find_running(state, command.delivery, command.attempt, command.start);
  if (held == nullptr) return;
  free_attempt(state, turn.now, *held, end_of(state, command.outcome));
  const Verdict verdict =
      judge(*held->message, held->delivery, command.outcome, state.options.retry);
  count_function(state, turn.now, *held, command.outcome, verdict);
  if (verdict.step == NextStep::kDelivered)
    return delivered(state, turn, *held, std::move(command));
  state.metrics.failed_attempts_total.add();
  if (verdict.step == NextStep::kDead) return dead(state, turn, *held, std::move(command));
  retry(state, turn, *held, std::move(command), verdict.retry_at);
}

}  // namespace ferry::engine
