#include "simulation/checkers/idleness.h"

#include <algorithm>

#include "simulation/receivers.h"

namespace ferry::simulation {
namespace {

constexpr Duration kSound{250};  // longer than the wait after a failed read
constexpr Duration kWindowMax = std::chrono::seconds(10);  // of a key, as clients ask for

}  // namespace

// What is due soon may fill the window; what is due waits for it then.
bool IdlenessChecker::has_room(const Metrics& metrics) const {
  return metrics.window_deliveries.value() < options_.window_rows_max &&
         std::cmp_less(metrics.window_bytes.value(), options_.window_bytes_max);
}

// By a pause, by the window of its key, or by a sequence in which others may be first.
bool IdlenessChecker::held_back(const DeliveryFact& fact, Duration sleep) const {
  const Delivery& row = fact.row;
  const auto tenant = facts_.tenants.find(row.tenant);
  if (tenant == facts_.tenants.end()) return true;
  if (tenant->second->paused || tenant->second->suspended) return true;
  if (row.sequence != kTimeLane && !row.slot) return true;
  const auto queue = facts_.resource<QueuePtr>(row.tenant, row.to->queue_name);
  if (queue && queue->paused) return true;
  if (!fact.message->flow_control) return false;
  const auto key = facts_.resource<FlowKeyPtr>(row.tenant, fact.message->flow_control->key);
  return key && (key->paused || (key->rate > 0 && sleep <= kWindowMax));
}

void IdlenessChecker::on(const AttemptNotStarted& lack) {
  const DeliveryFact* fact = facts_.find(lack.said.delivery);
  occupancy_.on(lack);
  if (fact == nullptr) return;
  TimePoint& until = left_alone_[host_key(fact->row.to->target)];
  until = std::max(until, lack.said.not_before);
}

void IdlenessChecker::on(const LifeEnded& ended) {
  left_alone_.clear();
  occupancy_.on(ended);
}

bool IdlenessChecker::any_left_alone(TimePoint now) const {
  return std::ranges::any_of(left_alone_, [&](const auto& host) { return host.second > now; });
}

// Of its own tenant, or at its address.
bool IdlenessChecker::is_delayed_by_others(const Delivery& row) const {
  const std::string& url = row.to->target.url;
  const std::string host = host_key(row.to->target);
  const std::string address = Receivers::address_of(url);
  for (const auto& [id, one] : occupancy_.running()) {
    if (one.tenant == row.tenant || one.host == host) return true;
    if (!address.empty() && Receivers::address_of("https://" + one.host + "/") == address)
      return true;
  }
  return false;
}

void IdlenessChecker::on(const StepMade& step) {
  const bool half_free = 2 * occupancy_.running().size() < options_.in_flight_max;
  const bool idle = step.quiet && half_free && step.started < step.budget;
  if (!idle || facts_.paused || !has_room(step.metrics)) return;
  const Duration sleep = step.wake_at - step.now;
  if (sleep < kSound) return;
  for (const auto& [id, fact] : facts_.deliveries) {
    if (!fact.pending || fact.row.due_at > step.now) continue;
    const auto left_alone = left_alone_.find(host_key(fact.row.to->target));
    if (left_alone != left_alone_.end() && left_alone->second > step.now) continue;
    if (is_delayed_by_others(fact.row)) continue;
    // Those before it in the line of its key may wait for another host.
    if (fact.message->flow_control && (step.in_flight > 0 || any_left_alone(step.now))) continue;
    expect(held_back(fact, sleep), "due, held back by nothing, and nobody cares", id.value);
  }
}

}  // namespace ferry::simulation
