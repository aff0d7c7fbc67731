#include "simulation/checkers/attempts.h"

#include <algorithm>

namespace ferry::simulation {

void AttemptChecker::on(const CallMade& made) { made_at_[made.call] = made.now; }

void AttemptChecker::on(const AttemptStarted& started) {
  const DeliveryId id = started.attempt.delivery.id;
  const DeliveryFact* fact = facts_.find(id);
  expect(fact != nullptr && fact->pending, "started what is not pending in the store", id.value);
  if (fact == nullptr) return;
  check_row(started, *fact);
  check_time(started, *fact);
  check_limits(started);
}

void AttemptChecker::check_row(const AttemptStarted& started, const DeliveryFact& fact) {
  const Delivery& delivery = started.attempt.delivery;
  const std::int64_t id = delivery.id.value;
  expect(!fact.row.cancel_requested, "started after it was cancelled", id);
  expect(fact.row.retried == delivery.retried, "started with another number than is stored", id);
  expect(fact.row.to->target.url == delivery.to->target.url, "started for another URL", id);
  const MessagePtr& message = started.attempt.message;
  expect(message != nullptr && message->id == fact.message->id &&
             message->body == fact.message->body && message->headers == fact.message->headers,
         "started with another message", id);
  const auto tenant = facts_.tenants.find(delivery.tenant);
  expect(!facts_.paused, "started while the server is paused", id);
  expect(tenant != facts_.tenants.end(), "started for a deleted tenant", id);
  if (tenant == facts_.tenants.end()) return;
  expect(!tenant->second->paused, "started while its tenant is paused", id);
  expect(!tenant->second->suspended, "started while its tenant is suspended", id);
}

void AttemptChecker::check_time(const AttemptStarted& started, const DeliveryFact& fact) {
  const std::int64_t id = fact.row.id.value;
  expect(fact.row.due_at <= started.now, "started before it was due", id);
  if (!fact.item) return;
  const auto* call = facts_.command<engine::Publish>(fact.item->call);
  const PublishOptions& asked = call->items.at(fact.item->item).options;
  const TimePoint made_at = made_at_.at(fact.item->call);
  const TimePoint earliest = asked.not_before.value_or(made_at + asked.delay.value_or(Duration(0)));
  expect(earliest <= started.now, "started before its publisher wanted", id);
}

void AttemptChecker::check_limits(const AttemptStarted& started) {
  const Delivery& delivery = started.attempt.delivery;
  const std::int64_t id = delivery.id.value;
  const std::string host = host_key(delivery.to->target);
  expect(running_.emplace(delivery.id, Running{started.attempt.start, host}).second,
         "started while another attempt runs", id);
  const auto left_alone = not_before_.find(host);
  expect(left_alone == not_before_.end() || left_alone->second <= started.now,
         "started before the time that was said", id);
  expect(++at_host_[host] <= options_.host_in_flight_max, "more attempts than the host may have",
         id);
  const bool by_time = started.attempt.message->push != nullptr;  // see functions.h
  expect(by_time || ++starts_[delivery.id] - delivery.throttled <=
                        started.attempt.message->max_retries + 1 + lives_,
         "more attempts than retries and crashes allow", id);
}

void AttemptChecker::on(const AttemptReported& reported) {
  const auto running = running_.find(reported.record.delivery);
  if (running == running_.end() || running->second.start != reported.record.start) return;
  end(reported.record.delivery);
}

void AttemptChecker::end(DeliveryId id) {
  const auto running = running_.find(id);
  --at_host_[running->second.host];
  running_.erase(running);
}

// Only what is cancelled, or whose tenant is suspended or gone. It counts as no retry.
void AttemptChecker::on(const AttemptCut& cut) {
  const DeliveryId id = cut.cut.delivery;
  const auto running = running_.find(id);
  // It was cut before the engine saw that it had not started.
  const auto lacking = lacking_.find(cut.cut.start);
  if (lacking != lacking_.end()) not_before_.erase(lacking->second);
  if (running == running_.end() || running->second.start != cut.cut.start) return;
  const DeliveryFact* fact = facts_.find(id);
  const auto tenant = facts_.tenants.find(fact->row.tenant);
  expect(!fact->pending || tenant == facts_.tenants.end() || tenant->second->suspended,
         "cut without a reason", id.value);
  --starts_[id];
  end(id);
}

void AttemptChecker::on(const AttemptNotStarted& lack) {
  const auto running = running_.find(lack.said.delivery);
  if (running == running_.end() || running->second.start != lack.said.start) return;
  TimePoint& not_before = not_before_[running->second.host];
  not_before = std::max(not_before, lack.said.not_before);
  lacking_[lack.said.start] = running->second.host;
  --starts_[lack.said.delivery];
  end(lack.said.delivery);
}

void AttemptChecker::on(const StepMade& step) {
  lacking_.clear();
  expect(step.started <= step.budget, "more attempts than the budget");
  expect(step.in_flight == running_.size(), "the engine counts other attempts than run",
         step.in_flight);
  // What is over gives back at once what it held.
  for (const auto& [id, running] : running_) {
    const DeliveryFact& fact = *facts_.find(id);
    expect(fact.pending, "an attempt of a delivery that has ended goes on", id.value);
    const auto tenant = facts_.tenants.find(fact.row.tenant);
    expect(tenant != facts_.tenants.end() && !tenant->second->suspended,
           "an attempt of a suspended tenant goes on", id.value);
  }
}

void AttemptChecker::on(const LifeEnded&) {
  ++lives_;
  running_.clear();
  at_host_.clear();
  not_before_.clear();
}

}  // namespace ferry::simulation
