#include "simulation/checkers/occupancy.h"

namespace ferry::simulation {
namespace {

constexpr Duration kAnswerSpeaks = std::chrono::seconds(10);

}  // namespace

void Occupancy::on(const AttemptStarted& started) {
  const Delivery& row = started.attempt.delivery;
  const std::string host = host_key(row.to->target);
  Host& known = hosts_[host];
  if (known.running == 0 && started.now >= known.used_at + kAnswerSpeaks) known.address.clear();
  running_[row.id] = {.tenant = row.tenant,
                      .host = host,
                      .start = started.attempt.start,
                      .began = started.now,
                      .counts = !is_proved(host, started.now)};
  ++known.running;
}

void Occupancy::on(const AttemptReported& reported) {
  const engine::RecordOutcome& record = reported.record;
  const auto running = running_.find(record.delivery);
  if (running == running_.end()) return;
  const std::string host = running->second.host;
  if (!end(record.delivery, record.start, reported.now)) return;
  const Outcome& outcome = record.outcome;
  const bool answered = outcome.kind == OutcomeKind::kDelivered || outcome.response != nullptr;
  if (answered && outcome.ended_at - outcome.started_at < options_.slow_after) {
    hosts_[host].quick_until = reported.now + kAnswerSpeaks;
  }
}

void Occupancy::on(const AttemptAddressed& addressed) {
  const auto running = running_.find(addressed.told.delivery);
  if (running == running_.end() || running->second.start != addressed.told.start) return;
  hosts_[running->second.host].address = addressed.told.address;
}

bool Occupancy::end(DeliveryId id, std::uint64_t start, TimePoint now) {
  const auto running = running_.find(id);
  if (running == running_.end() || running->second.start != start) return false;
  Host& host = hosts_[running->second.host];
  --host.running;
  host.used_at = now;
  running_.erase(running);
  return true;
}

bool Occupancy::is_proved(const std::string& host, TimePoint now) const {
  const auto known = hosts_.find(host);
  return known != hosts_.end() && known->second.quick_until && now < *known->second.quick_until;
}

std::string Occupancy::address_of(const std::string& host, TimePoint now) const {
  const auto known = hosts_.find(host);
  if (known == hosts_.end() || known->second.address.empty()) return host;
  const bool forgotten = known->second.running == 0 && now >= known->second.used_at + kAnswerSpeaks;
  return forgotten ? host : known->second.address;
}

}  // namespace ferry::simulation
