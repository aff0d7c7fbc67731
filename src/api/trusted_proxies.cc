#include "api/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <ranges>

#include "api/scalars.h"
#include "base/encoding.h"

namespace ferry::api {
namespace {

using AddressBytes = std::array<unsigned char, 16>;

constexpr int kMappedPrefixBits = 96;  // of ::ffff:0:0/96, where IPv4 lives

struct Address {
  AddressBytes bytes{};  // IPv4 in its mapped form
  bool is_v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.contains('\0')) return std::nullopt;  // it would hide what follows
  const std::string terminated(text);
  Address address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes[12]) != 1) return std::nullopt;
  address.bytes[10] = address.bytes[11] = 0xff;
  address.is_v4 = true;
  return address;
}

bool shares_prefix(const AddressBytes& a, const AddressBytes& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  const int shift = 8 - bits % 8;
  return (a[whole] >> shift) == (b[whole] >> shift);
}

// "1.2.3.4:99" and "[::1]:99" without their ports; some proxies append them.
std::string_view without_port(std::string_view entry) {
  if (entry.starts_with('[')) return entry.substr(1, entry.find(']') - 1);
  const std::size_t colon = entry.find(':');
  const bool one_colon = colon != std::string_view::npos && colon == entry.rfind(':');
  return one_colon ? entry.substr(0, colon) : entry;
}

std::vector<std::string_view> forwarded_for(const HeaderList& headers) {
  std::vector<std::string_view> entries;
  for (const HeaderField& field : headers) {
    if (!equals_ignore_case(field.name, "X-Forwarded-For")) continue;
    for (const std::string_view entry : split_list(field.value)) {
      entries.push_back(without_port(entry));
    }
  }
  return entries;
}

}  // namespace

bool is_ip_address(std::string_view text) { return parse_address(text).has_value(); }

Result<TrustedProxies> TrustedProxies::make(const std::vector<std::string>& cidrs) {
  TrustedProxies proxies;
  for (const std::string& cidr : cidrs) {
    const std::size_t slash = cidr.find('/');
    const auto address = parse_address(std::string_view(cidr).substr(0, slash));
    const int bits_max = address && address->is_v4 ? 32 : 128;
    const auto bits = slash == std::string::npos ? std::optional<std::int64_t>(bits_max)
                                                 : parse_integer(cidr.substr(slash + 1));
    if (!address || !bits || *bits > bits_max) {
      return fail(ErrorCode::kInvalidRequest, "invalid trusted proxy network: " + cidr);
    }
    const int prefix = static_cast<int>(*bits) + (address->is_v4 ? kMappedPrefixBits : 0);
    proxies.networks_.push_back({address->bytes, prefix});
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view text) const {
  if (networks_.empty()) return false;
  const auto address = parse_address(text);
  if (!address) return false;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return shares_prefix(network.address, address->bytes, network.prefix_bits);
  });
}

std::string TrustedProxies::caller_ip(const http::RequestHead& head) const {
  if (!contains(head.peer_ip)) return head.peer_ip;
  std::string_view caller = head.peer_ip;
  for (const std::string_view entry : forwarded_for(head.headers) | std::views::reverse) {
    if (!is_ip_address(entry)) break;
    caller = entry;
    if (!contains(entry)) break;
  }
  return std::string(caller);
}

}  // namespace ferry::api
