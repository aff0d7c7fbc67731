#include "engine/lanes.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace ferry::engine {

Lanes::Lanes(std::string_view secret) {
  const Sha256Digest digest = sha256(secret);
  std::copy_n(digest.begin(), key_.size(), key_.begin());
}

LaneId Lanes::queue(TenantId tenant, std::string_view name) const {
  return lane('q', tenant, name);
}
LaneId Lanes::paused_queue(TenantId tenant, std::string_view name) const {
  return lane('p', tenant, name);
}
LaneId Lanes::ordering_key(TenantId tenant, std::string_view key) const {
  return lane('o', tenant, key);
}
LaneId Lanes::flow_key(TenantId tenant, std::string_view key) const {
  return lane('f', tenant, key);
}

LaneId Lanes::sequence_of(TenantId tenant, const Destination& to) const {
  if (!to.queue_name.empty()) return queue(tenant, to.queue_name);
  if (!to.ordering_key.empty()) return ordering_key(tenant, to.ordering_key);
  return kTimeLane;
}

// Lane 0 is "only time"; a hash that happens to be 0 steps aside.
LaneId Lanes::lane(char kind, TenantId tenant, std::string_view name) const {
  std::string text(1, kind);
  text.append(std::to_string(tenant.value)).append("/").append(name);
  const SipDigest digest = siphash128(key_, text);
  LaneId lane = kTimeLane;
  std::memcpy(&lane, digest.data(), sizeof lane);
  return lane == kTimeLane ? 1 : lane;
}

}  // namespace ferry::engine
