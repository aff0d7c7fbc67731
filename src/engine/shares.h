#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "domain/ids.h"

namespace ferry::engine {

// An address that attempts connect to, as a number; a host stands for its own while it is unknown.
using AddressId = std::uint64_t;

// The slots that attempts run in, and who may take one (ADR 18).
//
// Quick attempts take whatever is free: an idle server gives one tenant all slots. The more are
// taken, the fewer a tenant may have, and an eighth is added for those who come then: a tenant may
// have eight times as many as are left, so there is always one for a tenant that has none.
//
// Slow ones count against shares: all of them at most half of the slots, those of one tenant a
// quarter, those to one address an eighth. The less is left of the half, the less of it a tenant
// gets. An attempt turns slow while it runs, so a share may be exceeded then: what one tenant has
// above its quarter is not taken from the half of the others, and what is above the half is carried
// on top of the slots, up to twice as many in all.
class Shares {
 public:
  explicit Shares(std::uint32_t slots);

  // What keeps an attempt of the tenant to the address from starting. One that `counts` is slow
  // from its start.
  enum class Refusal : std::uint8_t {
    kNone,
    kAddress,  // the slow ones to the address are an eighth
    kSlow,     // the tenant has slow_limit() slow ones; for one that counts
    kOver,     // is_over() the tenant; for one that does not count
    kBusy,     // the tenant has quick_limit() quick ones; for one that does not count
  };
  Refusal refusal(TenantId tenant, AddressId address, bool counts) const;
  // Slots that some attempt may still take.
  std::uint32_t free_slots() const;
  // A tenant with as many slow, or quick, attempts starts no more of them.
  std::uint32_t slow_limit() const;
  std::uint32_t quick_limit() const;
  // Its slow ones are a quarter, and there are too many in all for more of it.
  bool is_over(TenantId tenant) const { return is_over(of(tenant)); }
  // More slow attempts run than their half of the slots.
  bool overflows() const { return slow_ > half_; }

  void started(TenantId tenant, AddressId address, bool slow);
  void turned_slow(TenantId tenant, AddressId address);
  void ended(TenantId tenant, AddressId address, bool slow);
  // The slow attempts to a host count at another address from now on.
  void move(AddressId from, AddressId to, std::uint32_t slow);

  std::uint32_t running() const { return running_; }
  std::uint32_t slow() const { return slow_; }
  std::uint32_t running_of(TenantId tenant) const { return of(tenant).running; }
  std::uint32_t slow_of(TenantId tenant) const { return of(tenant).slow; }
  std::uint32_t quick_of(TenantId tenant) const { return of(tenant).quick(); }
  std::uint32_t slow_at(AddressId address) const;
  std::uint32_t tenant_share() const { return quarter_; }
  std::uint32_t address_share() const { return eighth_; }

 private:
  struct Of {
    std::uint32_t running = 0;
    std::uint32_t slow = 0;
    std::uint32_t quick() const { return running - slow; }
  };
  Of of(TenantId tenant) const;
  bool is_over(const Of& own) const {
    return own.slow >= quarter_ && (overflows() || own.running >= slots_);
  }
  std::uint32_t left_for_quick() const;
  void drop_slow(AddressId address, std::uint32_t count);

  const std::uint32_t slots_, half_, quarter_, eighth_;  // each share is one at least
  std::uint32_t running_ = 0, slow_ = 0;
  std::uint32_t within_quarters_ = 0;         // slow ones, of each tenant up to its quarter
  std::unordered_map<TenantId, Of> tenants_;  // that have attempts running
  std::unordered_map<AddressId, std::uint32_t> slow_at_;
};

}  // namespace ferry::engine
