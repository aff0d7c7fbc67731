#include "engine/shares.h"

#include "base/check.h"

namespace ferry::engine {
namespace {

// A tenant may have so many times as many quick attempts as there are slots left.
constexpr std::uint32_t kTimesWhatIsLeft = 8;

std::uint32_t minus(std::uint32_t a, std::uint32_t b) { return a > b ? a - b : 0; }

}  // namespace

Shares::Shares(std::uint32_t slots)
    : slots_(slots),
      half_(std::max(slots / 2, 1u)),
      quarter_(std::max(slots / 4, 1u)),
      eighth_(std::max(slots / 8, 1u)) {}

std::uint32_t Shares::left_for_quick() const {
  const std::uint32_t all = slots_ + slots_ / kTimesWhatIsLeft - std::min(slow_, slots_ / 2);
  return minus(all, running_ - slow_);
}

std::uint32_t Shares::free_slots() const {
  return std::min(left_for_quick(), minus(2 * slots_, running_));
}

std::uint32_t Shares::quick_limit() const {
  const std::uint32_t most = kTimesWhatIsLeft * left_for_quick();
  return overflows() ? std::min(most, minus(2 * slots_, running_) / 2) : most;
}

// A quarter while half of the half is left; then falling with the third power of what is left, so
// that many tenants with a few each still leave some.
std::uint32_t Shares::slow_limit() const {
  const std::uint64_t left = minus(half_, within_quarters_);
  if (left == 0) return 0;
  const std::uint64_t enough = std::max(half_ / 2, 1u);
  if (left >= enough) return quarter_;
  const std::uint64_t part = quarter_ * left * left * left / (enough * enough * enough);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(part, 1));
}

Shares::Refusal Shares::refusal(TenantId tenant, AddressId address, bool counts) const {
  if (slow_at(address) >= eighth_) return Refusal::kAddress;
  const Of own = of(tenant);
  if (counts) return own.slow < slow_limit() ? Refusal::kNone : Refusal::kSlow;
  if (is_over(own)) return Refusal::kOver;
  return own.quick() < quick_limit() ? Refusal::kNone : Refusal::kBusy;
}

void Shares::started(TenantId tenant, AddressId address, bool slow) {
  ++running_;
  ++tenants_[tenant].running;
  if (slow) turned_slow(tenant, address);
}

void Shares::turned_slow(TenantId tenant, AddressId address) {
  ++slow_;
  if (++tenants_[tenant].slow <= quarter_) ++within_quarters_;
  ++slow_at_[address];
}

void Shares::ended(TenantId tenant, AddressId address, bool slow) {
  CHECK(running_ > 0);
  --running_;
  const auto it = tenants_.find(tenant);
  CHECK(it != tenants_.end() && it->second.running > 0);
  if (slow) {
    --slow_;
    if (it->second.slow-- <= quarter_) --within_quarters_;
    drop_slow(address, 1);
  }
  if (--it->second.running == 0) tenants_.erase(it);
}

void Shares::move(AddressId from, AddressId to, std::uint32_t slow) {
  if (slow == 0) return;
  drop_slow(from, slow);
  slow_at_[to] += slow;
}

std::uint32_t Shares::slow_at(AddressId address) const {
  if (slow_at_.empty()) return 0;
  const auto it = slow_at_.find(address);
  return it == slow_at_.end() ? 0 : it->second;
}

Shares::Of Shares::of(TenantId tenant) const {
  const auto it = tenants_.find(tenant);
  return it == tenants_.end() ? Of{} : it->second;
}

void Shares::drop_slow(AddressId address, std::uint32_t count) {
  const auto it = slow_at_.find(address);
  CHECK(it != slow_at_.end() && it->second >= count);
  it->second -= count;
  if (it->second == 0) slow_at_.erase(it);
}

}  // namespace ferry::engine
