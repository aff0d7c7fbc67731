#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/types.h"

namespace ferry::api {

// Is `text` a literal IPv4 or IPv6 address (no brackets, no port)?
bool is_ip_address(std::string_view text);

// The networks whose X-Forwarded-For is believed. Immutable; any thread.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // nobody is trusted

  // "10.0.0.0/8", "fd00::/8" or a bare address; kInvalidRequest names the bad one.
  static Result<TrustedProxies> make(const std::vector<std::string>& cidrs);

  bool contains(std::string_view ip) const;

  // The peer, or behind trusted proxies the right-most entry of X-Forwarded-For that is not one of
  // them: everything left of it may be invented by the caller (contract section 5.2).
  std::string caller_ip(const http::RequestHead& head) const;

 private:
  struct Network {
    std::array<unsigned char, 16> address{};  // IPv4 in its mapped form
    int prefix_bits = 128;
  };
  std::vector<Network> networks_;
};

}  // namespace ferry::api
