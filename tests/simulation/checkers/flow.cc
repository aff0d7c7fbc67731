#include "simulation/checkers/flow.h"

namespace ferry::simulation {
namespace {

using Change = engine::ChangeFlowKey::Change;

// The command, if it begins a new window.
const engine::ChangeFlowKey* reset_in(const engine::Command& command) {
  const auto* change = std::get_if<engine::ChangeFlowKey>(&command);
  const bool resets =
      change != nullptr && (change->change == Change::kReset || change->change == Change::kPin);
  return resets ? change : nullptr;
}

}  // namespace

void FlowChecker::on(const CallMade& made) {
  const auto* reset = reset_in(made.command);
  if (reset != nullptr) flows_[{reset->tenant, reset->key}].resets.insert(made.call);
}

// A lost call stays among the resets: it may have happened, or happen yet.
void FlowChecker::on(const CallAnswered& answered) {
  const auto call = facts_.calls.find(answered.call);
  const auto* reset = call == facts_.calls.end() ? nullptr : reset_in(call->second.command);
  if (reset == nullptr) return;
  Flow& flow = flows_[{reset->tenant, reset->key}];
  flow.resets.erase(answered.call);
  if (!std::holds_alternative<engine::Done>(answered.answer)) return;
  flow.started = 0;
  const auto key = facts_.resource<FlowKeyPtr>(reset->tenant, reset->key);
  expect(!key || key->window_start == answered.now, "reset, but not in the store",
         static_cast<std::int64_t>(answered.call));
}

void FlowChecker::on(const SetStored& stored) {
  for_each<store::PutResource>(stored.set, [&](const store::PutResource& put) {
    const auto* key = std::get_if<FlowKeyPtr>(&put.resource);
    if (key != nullptr) check_window({(*key)->tenant, (*key)->key}, **key);
  });
}

void FlowChecker::check_window(const Name& name, const FlowKey& key) {
  Flow& flow = flows_[name];
  const bool same = key.window_start == flow.window || key.window_start == TimePoint();
  if (same) return;
  const bool reset = !flow.resets.empty();
  expect(reset || key.window_start >= flow.window + key.period,
         "a window that begins within the one before it", to_unix_ms(key.window_start));
  flow.window = key.window_start;
  flow.started = 0;
}

void FlowChecker::on(const AttemptStarted& started) {
  const auto& asked = started.attempt.message->flow_control;
  if (!asked) return;
  const Delivery& row = started.attempt.delivery;
  const Name name{row.tenant, asked->key};
  const auto key = facts_.resource<FlowKeyPtr>(name.first, name.second);
  expect(key != nullptr, "started without its flow key", row.id.value);
  if (!key) return;
  Flow& flow = flows_[name];
  expect(!key->paused, "started while its key is paused", row.id.value);
  expect(key->parallelism == 0 || flow.running < key->parallelism,
         "more attempts at once than the key allows", row.id.value);
  ++flow.running;
  running_[row.id] = {.name = name, .start = started.attempt.start, .window = key->window_start};
  if (key->rate > 0) check_rate(started, *key, flow);
}

void FlowChecker::check_rate(const AttemptStarted& started, const FlowKey& key, Flow& flow) {
  const std::int64_t id = started.attempt.delivery.id.value;
  expect(key.window_start <= started.now && started.now < key.window_start + key.period,
         "started outside the stored window", id);
  expect(++flow.started <= key.rate, "more starts in a window than the rate", id);
  expect(flow.started <= key.reserved, "more starts than are stored as reserved", id);
}

void FlowChecker::on(const AttemptReported& reported) {
  const auto running = running_.find(reported.record.delivery);
  if (running == running_.end() || running->second.start != reported.record.start) return;
  --flows_[running->second.name].running;
  running_.erase(running);
}

void FlowChecker::on(const AttemptCut& cut) {
  const auto running = running_.find(cut.cut.delivery);
  if (running == running_.end() || running->second.start != cut.cut.start) return;
  --flows_[running->second.name].running;
  running_.erase(running);
}

// It counts for nothing, in its window too.
void FlowChecker::on(const AttemptNotStarted& lack) {
  const auto running = running_.find(lack.said.delivery);
  if (running == running_.end() || running->second.start != lack.said.start) return;
  Flow& flow = flows_[running->second.name];
  --flow.running;
  if (flow.window == running->second.window && flow.started > 0) --flow.started;
  running_.erase(running);
}

void FlowChecker::on(const LifeEnded&) {
  for (const auto& [id, running] : running_) --flows_[running.name].running;
  running_.clear();
}

}  // namespace ferry::simulation
