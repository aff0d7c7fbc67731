#include "http/address_ranges.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ferry::http {

namespace {

std::unexpected<Error> bad_cidr(const std::string& text) {
  return fail(ErrorCode::kInvalidRequest, "not an address range like 10.1.0.0/16: " + text);
}

}  // namespace

bool has_prefix(const unsigned char* address, const unsigned char* prefix, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address, prefix, whole) != 0) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest) & 0xff;
  return ((address[whole] ^ prefix[whole]) & mask) == 0;
}

bool is_mapped(const AddressBytes& address) {
  return has_prefix(address.data(), kMappedPrefix.data(), kMappedBits);
}

std::optional<AddressBytes> parse_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  AddressBytes address{};
  if (inet_pton(AF_INET6, plain.c_str(), address.data()) == 1) return address;
  address = kMappedPrefix;
  if (inet_pton(AF_INET, plain.c_str(), address.data() + 12) == 1) return address;
  return {};
}

Result<AddressRanges> AddressRanges::make(const std::vector<std::string>& cidrs) {
  AddressRanges made;
  for (const std::string& cidr : cidrs) {
    const std::size_t slash = cidr.find('/');
    const auto address = parse_address(std::string_view(cidr).substr(0, slash));
    if (!address || cidr.contains('%')) return bad_cidr(cidr);
    const bool ipv4 = !std::string_view(cidr).substr(0, slash).contains(':');
    const int bits_max = ipv4 ? 32 : 128;
    int bits = bits_max;  // an address alone is a range of one
    if (slash != std::string::npos) {
      const char* end = cidr.data() + cidr.size();
      const auto [stop, error] = std::from_chars(cidr.data() + slash + 1, end, bits);
      if (error != std::errc() || stop != end || bits < 0 || bits > bits_max) return bad_cidr(cidr);
    }
    made.ranges_.push_back({*address, ipv4 ? bits + kMappedBits : bits});
  }
  return made;
}

// "::/0" holds all of IPv6, but not IPv4 behind its mapped form.
bool AddressRanges::contain(const AddressBytes& address) const {
  const bool mapped = is_mapped(address);
  return std::ranges::any_of(ranges_, [&](const Range& range) {
    return (!mapped || range.prefix_bits >= kMappedBits) &&
           has_prefix(address.data(), range.address.data(), range.prefix_bits);
  });
}

}  // namespace ferry::http
