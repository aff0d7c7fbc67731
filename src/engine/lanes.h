#pragma once

#include <string_view>

#include "base/digest.h"
#include "domain/delivery.h"

namespace ferry::engine {

// The ids of the lanes that belong to tenants. They are keyed with the store's secret, so that no
// tenant can pick names whose lane is another one's. Stored: never change how they are made.
class Lanes {
 public:
  Lanes() = default;
  explicit Lanes(std::string_view secret);

  LaneId queue(TenantId tenant, std::string_view name) const;
  // Where the members of a queue wait for its resumption that have their slot already.
  LaneId paused_queue(TenantId tenant, std::string_view name) const;
  LaneId ordering_key(TenantId tenant, std::string_view key) const;
  LaneId flow_key(TenantId tenant, std::string_view key) const;
  // Where what a tenant sends to a host waits for it; `host` is FlowLedger::host_id.
  LaneId host(TenantId tenant, LaneId host) const;

  // The sequence that a delivery to `to` goes in order with, or kTimeLane.
  LaneId sequence_of(TenantId tenant, const Destination& to) const;

 private:
  LaneId lane(char kind, TenantId tenant, std::string_view name) const;

  SipKey key_{};
};

}  // namespace ferry::engine
