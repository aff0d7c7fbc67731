#include "http/address_guard.h"

#include <array>
#include <cstddef>

namespace ferry::http {

namespace {

using Address = AddressBytes;
using Address4 = std::array<unsigned char, 4>;

// What an address is refused as; the first row that fits names it, so narrow rows come first.
struct Row4 {
  Address4 prefix;
  int bits;
  std::string_view kind;
};

// The IANA IPv4 Special-Purpose Address Registry, and the metadata services of the large clouds.
constexpr Row4 kRefused4[] = {
    {{169, 254, 169, 254}, 32, "a cloud metadata"},  // AWS, GCP, Azure and most others
    {{169, 254, 170, 2}, 32, "a cloud metadata"},    // AWS ECS credentials
    {{169, 254, 170, 23}, 32, "a cloud metadata"},   // AWS EKS pod identity
    {{100, 100, 100, 200}, 32, "a cloud metadata"},  // Alibaba Cloud
    {{168, 63, 129, 16}, 32, "a cloud metadata"},    // Azure's wire server
    {{192, 0, 0, 192}, 32, "a cloud metadata"},      // Oracle Cloud
    {{0, 0, 0, 0}, 32, "an unspecified"},
    {{0, 0, 0, 0}, 8, "a this-network"},
    {{10, 0, 0, 0}, 8, "a private"},
    {{100, 64, 0, 0}, 10, "a carrier-grade NAT"},
    {{127, 0, 0, 0}, 8, "a loopback"},
    {{169, 254, 0, 0}, 16, "a link-local"},
    {{172, 16, 0, 0}, 12, "a private"},
    {{192, 0, 0, 0}, 24, "a reserved"},
    {{192, 0, 2, 0}, 24, "a documentation"},
    {{192, 88, 99, 0}, 24, "a reserved"},
    {{192, 168, 0, 0}, 16, "a private"},
    {{198, 18, 0, 0}, 15, "a benchmark"},
    {{198, 51, 100, 0}, 24, "a documentation"},
    {{203, 0, 113, 0}, 24, "a documentation"},
    {{224, 0, 0, 0}, 4, "a multicast"},
    {{255, 255, 255, 255}, 32, "a broadcast"},
    {{240, 0, 0, 0}, 4, "a reserved"},
};

struct Row6 {
  Address prefix;
  int bits;
  std::string_view kind;
};

// The IANA IPv6 Special-Purpose Address Registry; what lies outside 2000::/3 is refused below
// anyway.
constexpr Row6 kRefused6[] = {
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, "a cloud metadata"},
    {{0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, "a cloud metadata"},
    {{}, 128, "an unspecified"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "a loopback"},
    {{0xfc}, 7, "a unique-local"},
    {{0xfe, 0x80}, 10, "a link-local"},
    {{0xfe, 0xc0}, 10, "a site-local"},
    {{0xff}, 8, "a multicast"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "a local-use NAT64"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "a documentation"},
    {{0x3f, 0xff}, 20, "a documentation"},
    {{0x20, 0x01, 0x00, 0x02, 0, 0}, 48, "a benchmark"},
    {{0x20, 0x01}, 23, "a reserved"},
};

constexpr Address kGlobalUnicast = {0x20};
constexpr int kGlobalUnicastBits = 3;

// The forms that carry an IPv4 address, and where: a packet sent to them may end up there.
struct Clothing {
  Address prefix;
  int bits;
  std::size_t offset;
};

constexpr Clothing kClothings[] = {
    {kMappedPrefix, kMappedBits, 12},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},  // IPv4-translated, RFC 2765
    {{}, 96, 12},                                    // IPv4-compatible, deprecated
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},              // NAT64, RFC 6052
    {{0x20, 0x02}, 16, 2},                           // 6to4, RFC 3056
};

constexpr Address kTeredo = {0x20, 0x01, 0x00, 0x00};
constexpr int kTeredoBits = 32;

std::string_view refused_kind_of(const Address4& address) {
  for (const Row4& row : kRefused4)
    if (has_prefix(address.data(), row.prefix.data(), row.bits)) return row.kind;
  return {};
}

// `flip` is 0xff where the bytes are written inverted.
std::string_view kind_of_carried(const Address& address, std::size_t offset, int flip = 0) {
  Address4 inner{};
  for (std::size_t i = 0; i < inner.size(); ++i)
    inner[i] = static_cast<unsigned char>(address[offset + i] ^ flip);
  return refused_kind_of(inner);
}

// RFC 4380 section 4: the server's address at 4, the client's, inverted, at 12.
std::string_view kind_of_teredo(const Address& address) {
  const std::string_view server = kind_of_carried(address, 4);
  return server.empty() ? kind_of_carried(address, 12, 0xff) : server;
}

// ISATAP (RFC 5214): any prefix, then 0000:5efe or 0200:5efe and the IPv4 address.
bool is_isatap(const Address& address) {
  return (address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

// Empty when the address may be reached. `::1` also looks IPv4-compatible, so the address's own
// kind is asked before what it carries; Teredo comes first because it lies inside the reserved
// 2001::/23.
std::string_view refused_kind_of(const Address& address) {
  if (has_prefix(address.data(), kTeredo.data(), kTeredoBits)) return kind_of_teredo(address);
  for (const Row6& row : kRefused6)
    if (has_prefix(address.data(), row.prefix.data(), row.bits)) return row.kind;
  for (const Clothing& clothing : kClothings)
    if (has_prefix(address.data(), clothing.prefix.data(), clothing.bits))
      return kind_of_carried(address, clothing.offset);
  if (!has_prefix(address.data(), kGlobalUnicast.data(), kGlobalUnicastBits)) return "a reserved";
  return is_isatap(address) ? kind_of_carried(address, 12) : std::string_view{};
}

}  // namespace

Result<AddressGuard> AddressGuard::make(const Options& options) {
  AddressGuard guard;
  guard.allow_all_ = options.allow_all;
  ASSIGN_OR_RETURN(guard.allowed_, AddressRanges::make(options.allowed_cidrs));
  return guard;
}

Result<void> AddressGuard::check(std::string_view ip) const {
  if (allow_all_) return {};
  const auto address = parse_address(ip);
  if (!address)
    return fail(ErrorCode::kAddressRefused,
                "endpoint resolves to something that is no address: " + std::string(ip));
  if (allowed_.contain(*address)) return {};
  const std::string_view kind = refused_kind_of(*address);
  if (kind.empty()) return {};
  return fail(ErrorCode::kAddressRefused,
              "endpoint resolves to " + std::string(kind) + " address: " + std::string(ip));
}

}  // namespace ferry::http
