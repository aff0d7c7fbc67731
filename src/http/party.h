#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferry::http {

// Who is charged for what a server holds: an address, a trusted proxy, or a caller that the layer
// above knows by a number of its own.
struct Party {
  enum class Kind : std::uint8_t { kNone, kIpv4, kIpv6Network, kProxy, kCaller };

  Kind kind = Kind::kNone;
  std::uint64_t id = 0;

  // An IPv4 address, or the /64 of an IPv6 address, which one customer of a network usually has.
  // IPv4-mapped addresses count as IPv4. kNone for what is no address.
  static Party of_address(std::string_view ip);
  static Party of_caller(std::uint64_t id) { return {Kind::kCaller, id}; }

  bool is_none() const { return kind == Kind::kNone; }
  bool is_address() const { return kind == Kind::kIpv4 || kind == Kind::kIpv6Network; }

  friend bool operator==(const Party&, const Party&) = default;
};

struct PartyHash {
  std::size_t operator()(const Party& party) const {
    const std::uint64_t mixed =
        (party.id + static_cast<std::uint64_t>(party.kind)) * 0x9e3779b97f4a7c15u;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }
};

}  // namespace ferry::http
