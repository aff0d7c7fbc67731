#include "http/party.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace ferry::http {

namespace {

constexpr std::array<unsigned char, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <class It>
std::uint64_t number_of(It begin, It end) {
  std::uint64_t number = 0;
  for (; begin != end; ++begin) number = number << 8 | *begin;
  return number;
}

}  // namespace

Party Party::of_address(std::string_view ip) {
  ip = ip.substr(0, ip.find('%'));  // the zone of a link-local address
  char text[INET6_ADDRSTRLEN] = {};
  if (ip.empty() || ip.size() >= sizeof(text)) return {};
  std::memcpy(text, ip.data(), ip.size());
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, text, bytes.data()) == 1) {
    return {Kind::kIpv4, number_of(bytes.begin(), bytes.begin() + 4)};
  }
  if (inet_pton(AF_INET6, text, bytes.data()) != 1) return {};
  if (std::memcmp(bytes.data(), kMappedPrefix.data(), kMappedPrefix.size()) == 0) {
    return {Kind::kIpv4, number_of(bytes.begin() + 12, bytes.end())};
  }
  return {Kind::kIpv6Network, number_of(bytes.begin(), bytes.begin() + 8)};
}

}  // namespace ferry::http
