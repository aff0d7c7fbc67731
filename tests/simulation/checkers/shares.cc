#include "simulation/checkers/shares.h"

#include <algorithm>

namespace ferry::simulation {

void ShareChecker::note_answer(const AttemptReported& reported) {
  const auto running = occupancy_.running().find(reported.record.delivery);
  const Outcome& outcome = reported.record.outcome;
  const bool answered = outcome.kind == OutcomeKind::kDelivered || outcome.response != nullptr;
  if (running != occupancy_.running().end() && answered) answered_.insert(running->second.host);
}

void ShareChecker::on(const AttemptStarted& started) {
  const Delivery& row = started.attempt.delivery;
  const std::string host = host_key(row.to->target);
  const std::uint32_t slots = options_.in_flight_max;
  const auto running = static_cast<std::uint32_t>(occupancy_.running().size());
  expect(running < 2 * slots, "more than twice the slots", row.id.value);
  const auto of_tenant = std::ranges::count_if(occupancy_.running(), [&](const auto& one) {
    return one.second.tenant == row.tenant && !occupancy_.is_slow(one.second, started.now);
  });
  const bool proved = occupancy_.is_proved(host, started.now);
  expect(!proved || std::cmp_less(of_tenant, slots), "a tenant has more than all slots",
         row.id.value);
  check_slow(started, host);
  const auto at_host = std::ranges::count_if(
      occupancy_.running(), [&](const auto& one) { return one.second.host == host; });
  expect(answered_.contains(host) || at_host < 16, "more than sixteen to an unknown host",
         row.id.value);
  occupancy_.on(started);
}

void ShareChecker::check_slow(const AttemptStarted& started, const std::string& host) {
  const Delivery& row = started.attempt.delivery;
  const std::string address = occupancy_.address_of(host, started.now);
  const std::uint32_t slots = options_.in_flight_max;
  const std::uint32_t quarter = std::max(slots / 4, 1u);
  std::uint32_t at_address = 0;
  std::map<TenantId, std::uint32_t> of;
  for (const auto& [id, one] : occupancy_.running()) {
    if (!occupancy_.is_slow(one, started.now)) continue;
    ++of[one.tenant];
    if (occupancy_.address_of(one.host, started.now) == address) ++at_address;
  }
  expect(at_address < std::max(slots / 8, 1u), "an address over its share", row.id.value);
  if (occupancy_.is_proved(host, started.now)) return;
  expect(of[row.tenant] < quarter, "a tenant over its share", row.id.value);
  std::uint32_t all = 0;
  for (const auto& [tenant, slow] : of) all += std::min(slow, quarter);
  expect(all < std::max(slots / 2, 1u), "slow attempts over their half", row.id.value);
}

void ShareChecker::on(const LifeEnded& ended) {
  answered_.clear();
  occupancy_.on(ended);
}

}  // namespace ferry::simulation
