#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/address_ranges.h"

namespace ferry::http {

// Refuses addresses that a publisher must not reach through this server: loopback, private,
// link-local, unique-local, carrier-grade NAT, multicast, broadcast, unspecified, documentation and
// benchmark nets, cloud metadata, and all of them in IPv4-mapped, 6to4, Teredo and NAT64 clothing.
// The check is made on the very address that is connected to, after resolving. Immutable; any
// thread.
class AddressGuard {
 public:
  struct Options {
    bool allow_all = false;                  // development
    std::vector<std::string> allowed_cidrs;  // "10.1.0.0/16", "fd00::/8"
  };

  static Result<AddressGuard> make(const Options& options);  // kInvalidRequest names the bad CIDR

  // kAddressRefused with the class of the address in the text, e.g.
  // "endpoint resolves to a loopback address: ::1" (contract section 1.5). `ip` is textual.
  Result<void> check(std::string_view ip) const;

 private:
  bool allow_all_ = false;
  AddressRanges allowed_;
};

}  // namespace ferry::http
