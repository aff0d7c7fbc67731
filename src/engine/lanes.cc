#include "engine/lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace ferry::engine {
namespace {

// Lane 0 is "only time"; a hash that happens to be 0 steps aside.
LaneId lane_of(const SipDigest& digest) {
  LaneId lane = kTimeLane;
  std::memcpy(&lane, digest.data(), sizeof lane);
  return lane == kTimeLane ? 1 : lane;
}

}  // namespace

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

// "h", then both numbers, little-endian.
LaneId Lanes::host(TenantId tenant, LaneId host) const {
  std::array<char, 17> text{'h'};
  std::memcpy(&text[1], &tenant.value, 8);
  std::memcpy(&text[9], &host, 8);
  return lane_of(siphash128(key_, std::string_view(text.data(), text.size())));
}

LaneId Lanes::sequence_of(TenantId tenant, const Destination& to) const {
  if (!to.queue_name.empty()) return queue(tenant, to.queue_name);
  if (!to.ordering_key.empty()) return ordering_key(tenant, to.ordering_key);
  return kTimeLane;
}

LaneId Lanes::lane(char kind, TenantId tenant, std::string_view name) const {
  std::string text(1, kind);
  text.append(std::to_string(tenant.value)).append("/").append(name);
  return lane_of(siphash128(key_, text));
}

}  // namespace ferry::engine
