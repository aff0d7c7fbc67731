#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ferry::http {

// Every address in its IPv6 form, an IPv4 one as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
using AddressBytes = std::array<unsigned char, 16>;
inline constexpr AddressBytes kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
inline constexpr int kMappedBits = 96;

// A textual address; a zone id is ignored.
std::optional<AddressBytes> parse_address(std::string_view text);
bool is_mapped(const AddressBytes& address);
bool has_prefix(const unsigned char* address, const unsigned char* prefix, int bits);

// Some ranges of addresses that an operator listed. Immutable; any thread.
class AddressRanges {
 public:
  // "10.1.0.0/16", "fd00::/8", or an address alone. kInvalidRequest names the bad one.
  static Result<AddressRanges> make(const std::vector<std::string>& cidrs);

  // An IPv4 address is in a range of IPv6 only when that is one of mapped addresses.
  bool contain(const AddressBytes& address) const;

 private:
  struct Range {
    AddressBytes address;
    int prefix_bits;
  };
  std::vector<Range> ranges_;
};

}  // namespace ferry::http
