// The part of the flow ledger that knows what a start needs besides its turn: a slot of its host,
// and room in the shares (engine/hosts.h, engine/shares.h).

#include <algorithm>

#include "base/digest.h"
#include "engine/flow_ledger.h"

namespace ferry::engine {
namespace {

constexpr std::uint64_t kAddressSeed = 3;  // not stored

std::uint64_t id_of(TenantId tenant) { return static_cast<std::uint64_t>(tenant.value); }
TenantId tenant_of(std::uint64_t id) { return TenantId{static_cast<std::int64_t>(id)}; }

AddressId address_of(const Host* host, LaneId id) { return host == nullptr ? id : host->address; }

}  // namespace

// What keeps the line's first delivery from starting.
std::optional<Waits::For> FlowLedger::refusal(const Line& line, LaneId id, TimePoint now) const {
  const Host* host = hosts_.find(id);
  const Waits::For the_host{WaitKind::kHost, id};
  if (host != nullptr && (host->closed_until || !hosts_.has_room(*host, now))) return the_host;
  const bool counts = host == nullptr || !Hosts::is_proved(*host, now);
  const AddressId address = address_of(host, id);
  switch (shares_.refusal(line.rule.tenant, address, counts)) {
    case Shares::Refusal::kNone:
      return std::nullopt;
    case Shares::Refusal::kAddress:
      return Waits::For{WaitKind::kAddress, address};
    case Shares::Refusal::kSlow:
      return Waits::For{WaitKind::kSlow, id_of(line.rule.tenant)};
    case Shares::Refusal::kOver:
      return Waits::For{WaitKind::kOver, id_of(line.rule.tenant)};
    case Shares::Refusal::kBusy:
      break;
  }
  return Waits::For{WaitKind::kBusy, id_of(line.rule.tenant)};
}

// Takes what a start needs, or lets the line wait for what it lacks.
std::optional<Claim> FlowLedger::claim(LaneId id, Line& line, LaneId host_id, TimePoint now) {
  if (const auto lacks = refusal(line, host_id, now)) {
    wait(id, line, *lacks, host_id);
    return std::nullopt;
  }
  Host& host = hosts_.at(host_id);
  const Claim claim{.tenant = line.rule.tenant,
                    .host = host_id,
                    .flow_key = line.rule.kind == LineKind::kFlow ? id : kTimeLane,
                    .slow = !Hosts::is_proved(host, now)};
  hosts_.started(host, now, claim.slow);
  shares_.started(claim.tenant, host.address, claim.slow);
  note_attempts(claim.tenant);
  return claim;
}

void FlowLedger::ended(const Claim& claim, AttemptEnd end, TimePoint now) {
  Host& host = hosts_.at(claim.host);
  const AddressId address = host.address;
  const bool overflowed = shares_.overflows();
  const bool proves = end == AttemptEnd::kQuickAnswer && !Hosts::is_proved(host, now);
  hosts_.ended(claim.host, host, now, end, claim.slow);
  shares_.ended(claim.tenant, address, claim.slow);
  if (claim.flow_key != kTimeLane) {
    Line& line = lines_.at(claim.flow_key);
    line.permit.release();
    give_turn(claim.flow_key, line);
    drop_if_idle(claim.flow_key);
  }
  note_attempts(claim.tenant);
  if (waits_.empty()) return;
  if (proves) wake_all_to(claim.host);
  wake({WaitKind::kHost, claim.host});
  if (claim.slow) wake({WaitKind::kAddress, address});
  share_freed_ = true;
  wake({WaitKind::kOver, id_of(claim.tenant)});
  if (!overflowed || shares_.overflows()) return;
  for (auto id = waits_.next_id(WaitKind::kOver, {}); id;
       id = waits_.next_id(WaitKind::kOver, *id)) {
    wake({WaitKind::kOver, *id});
  }
}

void FlowLedger::not_started(const Claim& claim, TimePoint now, TimePoint not_before) {
  Host& host = hosts_.at(claim.host);
  if (!host.closed_until || *host.closed_until < not_before) {
    if (host.closed_until) closed_hosts_.erase({*host.closed_until, claim.host});
    host.closed_until = not_before;
    closed_hosts_.emplace(not_before, claim.host);
  }
  if (claim.flow_key != kTimeLane) lines_.at(claim.flow_key).permit.give_back(claim.window);
  ended(claim, AttemptEnd::kNoAnswer, now);
}

void FlowLedger::open_hosts(TimePoint now) {
  while (!closed_hosts_.empty() && closed_hosts_.begin()->first <= now) {
    const LaneId id = closed_hosts_.begin()->second;
    closed_hosts_.erase(closed_hosts_.begin());
    hosts_.at(id).closed_until.reset();
    wake({WaitKind::kHost, id});
  }
}

void FlowLedger::turned_slow(Claim& claim) {
  if (claim.slow) return;
  claim.slow = true;
  Host& host = hosts_.at(claim.host);
  ++host.slow;
  shares_.turned_slow(claim.tenant, host.address);
  note_attempts(claim.tenant);
  share_freed_ = true;  // one less of those that do not count
}

void FlowLedger::set_address(LaneId id, std::string_view address) {
  Host& host = hosts_.at(id);
  const AddressId before = host.address;
  host.address = stable_hash(address, kAddressSeed) | 1;  // never 0
  if (host.address == before) return;
  shares_.move(before, host.address, host.slow);
  const Waits::For old{WaitKind::kAddress, before};
  for (auto line = waits_.first(old); line; line = waits_.first(old)) {
    Line& woken = lines_.at(*line);
    stop_waiting(*line, woken);
    give_turn(*line, woken);
  }
}

// ---- waiting

void FlowLedger::wait(LaneId id, Line& line, Waits::For what, LaneId host) {
  waits_.add(id, what, host);
  line.waits = true;
  const TenantId tenant = line.rule.tenant;
  if (what.kind == WaitKind::kSlow) slow_waiting_.put(tenant, shares_.slow_of(tenant));
  if (what.kind == WaitKind::kBusy) busy_waiting_.put(tenant, shares_.quick_of(tenant));
}

void FlowLedger::stop_waiting(LaneId id, Line& line) {
  const auto what = waits_.find(id);
  waits_.remove(id);
  line.waits = false;
  if (waits_.first(*what)) return;
  if (what->kind == WaitKind::kSlow) slow_waiting_.remove(tenant_of(what->id));
  if (what->kind == WaitKind::kBusy) busy_waiting_.remove(tenant_of(what->id));
}

// The number of attempts of a tenant changed.
void FlowLedger::note_attempts(TenantId tenant) {
  if (waits_.empty()) return;
  if (slow_waiting_.contains(tenant)) slow_waiting_.put(tenant, shares_.slow_of(tenant));
  if (busy_waiting_.contains(tenant)) busy_waiting_.put(tenant, shares_.quick_of(tenant));
}

bool FlowLedger::is_free(Waits::For what) const {
  switch (what.kind) {
    case WaitKind::kAddress:
      return shares_.slow_at(what.id) < shares_.address_share();
    case WaitKind::kSlow:
      return shares_.slow_of(tenant_of(what.id)) < shares_.slow_limit();
    case WaitKind::kOver:
      return !shares_.is_over(tenant_of(what.id));
    case WaitKind::kBusy:
      return shares_.quick_of(tenant_of(what.id)) < shares_.quick_limit();
    case WaitKind::kHost:
      break;
  }
  const Host* host = hosts_.find(what.id);
  return host == nullptr || (!host->closed_until && hosts_.has_room(*host, host->used_at));
}

// Gives the line a turn that has waited longest, if what it waits for is free.
void FlowLedger::wake(Waits::For what) {
  if (waits_.empty() || !is_free(what)) return;
  while (const auto id = waits_.first(what)) {
    Line& line = lines_.at(*id);
    stop_waiting(*id, line);
    if (give_turn(*id, line)) {
      line.woken_by = what;
      return;
    }
    drop_if_idle(*id);
  }
}

// Attempts ended: the tenants with the fewest go on first, as far as that helps.
bool FlowLedger::wake_for_share() {
  if (!share_freed_) return false;
  if (const auto fewest = busy_waiting_.first(); fewest && fewest->first < shares_.quick_limit()) {
    wake({WaitKind::kBusy, id_of(fewest->second)});
    return true;
  }
  if (const auto fewest = slow_waiting_.first(); fewest && fewest->first < shares_.slow_limit()) {
    wake({WaitKind::kSlow, id_of(fewest->second)});
    return true;
  }
  share_freed_ = false;
  return false;
}

// The host answers: attempts to it do not count from their start any more.
void FlowLedger::wake_all_to(LaneId host) {
  while (const auto id = waits_.first_to(host)) {
    Line& line = lines_.at(*id);
    stop_waiting(*id, line);
    give_turn(*id, line);
  }
}

}  // namespace ferry::engine
