#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "domain/delivery.h"

namespace ferry::engine {

// What the first delivery of a line waits for, when an attempt may not start.
enum class WaitKind : std::uint8_t {
  kHost,     // a slot of its host
  kAddress,  // the share of its address
  kSlow,     // the share of its tenant, or of all, for one that counts from its start
  kOver,     // its tenant is over its share, for one that would not count
  kBusy,     // its tenant has as many of those as it may have
};

// The lines that wait, in order of their coming, by what they wait for. A line waits for one thing
// at a time. All operations are logarithmic.
class Waits {
 public:
  // What is waited for: the id is that of a host, an address or a tenant.
  struct For {
    WaitKind kind = WaitKind::kHost;
    std::uint64_t id = 0;
    friend auto operator<=>(const For&, const For&) = default;
  };

  // `host` is where the line's first delivery goes to.
  void add(LaneId line, For what, LaneId host);
  void remove(LaneId line);

  bool contains(LaneId line) const { return lines_.contains(line); }
  std::optional<For> find(LaneId line) const;
  bool empty() const { return lines_.empty(); }

  // The line that has waited longest; it goes on waiting until it is removed.
  std::optional<LaneId> first(For what) const;
  // A line that waits for a share and goes to the host.
  std::optional<LaneId> first_to(LaneId host) const;
  // The smallest id after `after` that lines wait for.
  std::optional<std::uint64_t> next_id(WaitKind kind, std::optional<std::uint64_t> after) const;

 private:
  struct Place {
    For what;
    std::uint64_t number = 0;
    LaneId host = kTimeLane;
  };

  std::unordered_map<LaneId, Place> lines_;
  std::map<std::pair<For, std::uint64_t>, LaneId> order_;  // by number of coming
  std::set<std::pair<LaneId, LaneId>> to_host_;            // host and line, of those for a share
  std::uint64_t last_ = 0;
};

// Tenants that wait for a share, the one with the fewest attempts of that share first.
class FewestFirst {
 public:
  // The tenant waits, and has so many now.
  void put(TenantId tenant, std::uint32_t attempts);
  void remove(TenantId tenant);
  bool contains(TenantId tenant) const { return attempts_of_.contains(tenant); }
  std::optional<std::pair<std::uint32_t, TenantId>> first() const;

 private:
  std::map<TenantId, std::uint32_t> attempts_of_;
  std::set<std::pair<std::uint32_t, TenantId>> order_;
};

}  // namespace ferry::engine
