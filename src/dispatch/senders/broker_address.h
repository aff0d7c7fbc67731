#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ferry::dispatch {

struct BrokerAddress {
  std::string host;  // a name or an IP address, without the brackets of IPv6
  std::uint16_t port = 0;

  friend bool operator==(const BrokerAddress&, const BrokerAddress&) = default;
};

// "h1:9092,[::1]:9092,h2": at least one; `port` is that of an address without one. kInvalidRequest
// for an empty host, a port outside of 1-65535 and for anything that looks like a URL.
Result<std::vector<BrokerAddress>> parse_broker_addresses(std::string_view text,
                                                          std::uint16_t port);

// "host:port" again, with brackets around IPv6.
std::string to_text(const BrokerAddress& address);

}  // namespace ferry::dispatch
