#include "http/address_guard.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

AddressGuard guard(AddressGuard::Options options = {}) {
  auto made = AddressGuard::make(options);
  EXPECT_TRUE(made.has_value());
  return *made;
}

struct Refusal {
  std::string_view ip;
  std::string_view kind;
};

class RefusedAddress : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedAddress, IsRefusedAndNamed) {
  const auto result = guard().check(GetParam().ip);
  ASSERT_FALSE(result.has_value()) << GetParam().ip;
  EXPECT_EQ(result.error().code, ErrorCode::kAddressRefused);
  EXPECT_EQ(result.error().text, "endpoint resolves to " + std::string(GetParam().kind) +
                                     " address: " + std::string(GetParam().ip));
}

INSTANTIATE_TEST_SUITE_P(
    IPv4, RefusedAddress,
    testing::Values(
        Refusal{"127.0.0.1", "a loopback"}, Refusal{"127.0.0.0", "a loopback"},
        Refusal{"127.255.255.255", "a loopback"}, Refusal{"10.0.0.0", "a private"},
        Refusal{"10.255.255.255", "a private"}, Refusal{"172.16.0.0", "a private"},
        Refusal{"172.31.255.255", "a private"}, Refusal{"192.168.0.0", "a private"},
        Refusal{"192.168.255.255", "a private"}, Refusal{"169.254.0.1", "a link-local"},
        Refusal{"169.254.255.255", "a link-local"}, Refusal{"100.64.0.0", "a carrier-grade NAT"},
        Refusal{"100.127.255.255", "a carrier-grade NAT"}, Refusal{"0.0.0.0", "an unspecified"},
        Refusal{"0.0.0.1", "a this-network"}, Refusal{"0.255.255.255", "a this-network"},
        Refusal{"224.0.0.0", "a multicast"}, Refusal{"239.255.255.255", "a multicast"},
        Refusal{"240.0.0.0", "a reserved"}, Refusal{"255.255.255.254", "a reserved"},
        Refusal{"255.255.255.255", "a broadcast"}, Refusal{"192.0.2.1", "a documentation"},
        Refusal{"198.51.100.255", "a documentation"}, Refusal{"203.0.113.0", "a documentation"},
        Refusal{"198.18.0.0", "a benchmark"}, Refusal{"198.19.255.255", "a benchmark"},
        Refusal{"192.0.0.8", "a reserved"}, Refusal{"192.88.99.1", "a reserved"},
        Refusal{"169.254.169.254", "a cloud metadata"},
        Refusal{"169.254.170.2", "a cloud metadata"},
        Refusal{"100.100.100.200", "a cloud metadata"}, Refusal{"192.0.0.192", "a cloud metadata"},
        Refusal{"168.63.129.16", "a cloud metadata"}));

INSTANTIATE_TEST_SUITE_P(
    IPv6, RefusedAddress,
    testing::Values(
        Refusal{"::1", "a loopback"}, Refusal{"0:0:0:0:0:0:0:1", "a loopback"},
        Refusal{"::", "an unspecified"}, Refusal{"fc00::", "a unique-local"},
        Refusal{"fdff:ffff::1", "a unique-local"}, Refusal{"fd00:ec2::254", "a cloud metadata"},
        Refusal{"fd20:ce::254", "a cloud metadata"}, Refusal{"fe80::1", "a link-local"},
        Refusal{"fe80::1%eth0", "a link-local"}, Refusal{"febf:ffff::1", "a link-local"},
        Refusal{"fec0::1", "a site-local"}, Refusal{"ff02::1", "a multicast"},
        Refusal{"ff0e::1%2", "a multicast"}, Refusal{"2001:db8::1", "a documentation"},
        Refusal{"3fff::1", "a documentation"}, Refusal{"2001:2::1", "a benchmark"},
        Refusal{"2001:10::1", "a reserved"}, Refusal{"2001:20::1", "a reserved"},
        Refusal{"100::1", "a reserved"}, Refusal{"5f00::1", "a reserved"},
        Refusal{"4000::1", "a reserved"}, Refusal{"1000::1", "a reserved"},
        Refusal{"64:ff9b:1::1", "a local-use NAT64"}, Refusal{"64:ff9b:2::1", "a reserved"}));

INSTANTIATE_TEST_SUITE_P(
    IPv4InIPv6Clothing, RefusedAddress,
    testing::Values(Refusal{"::ffff:10.0.0.1", "a private"}, Refusal{"::ffff:7f00:1", "a loopback"},
                    Refusal{"::FFFF:169.254.169.254", "a cloud metadata"},
                    Refusal{"::ffff:0:127.0.0.1", "a loopback"},
                    Refusal{"::127.0.0.1", "a loopback"}, Refusal{"::10.1.2.3", "a private"},
                    Refusal{"2002:a00::", "a private"}, Refusal{"2002:7f00:1::1", "a loopback"},
                    Refusal{"2002:a9fe:a9fe::", "a cloud metadata"},
                    Refusal{"64:ff9b::10.0.0.1", "a private"},
                    Refusal{"64:ff9b::7f00:1", "a loopback"},
                    Refusal{"64:ff9b::", "an unspecified"},
                    // Teredo: server 65.54.227.120, client 192.168.0.1 inverted.
                    Refusal{"2001:0:4136:e378:8000:63bf:3f57:fffe", "a private"},
                    // Teredo: server 10.0.0.1, client 8.8.8.8 inverted.
                    Refusal{"2001:0:a00:1:0:0:f7f7:f7f7", "a private"},
                    // ISATAP under a global prefix.
                    Refusal{"2a00:1450::5efe:10.0.0.1", "a private"},
                    Refusal{"2a00:1450::200:5efe:127.0.0.1", "a loopback"}));

class AllowedAddress : public testing::TestWithParam<std::string_view> {};

TEST_P(AllowedAddress, MayBeReached) {
  const auto result = guard().check(GetParam());
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().text);
}

INSTANTIATE_TEST_SUITE_P(
    JustOutsideTheRefusedRanges, AllowedAddress,
    testing::Values("1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                    "100.128.0.0", "126.255.255.255", "128.0.0.0", "168.63.129.15",
                    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
                    "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
                    "203.0.112.255", "223.255.255.255", "2000::1", "2001:200::1", "2001:db7::1",
                    "2001:db9::1", "2606:4700::1111", "2a00:1450:4001::200e", "3ffe::1",
                    "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8",
                    "2001:0:808:808:0:0:f7f7:f7f7", "2a00:1450::5efe:8.8.8.8"));

TEST(AddressGuard, WhatIsNoAddressIsRefused) {
  for (const std::string_view text : {"", "localhost", "0x7f.0.0.1", "0177.0.0.1", "2130706433",
                                      "127.1", "1.2.3.4.5", "::g", "1.2.3.4:80", "[::1]"}) {
    const auto result = guard().check(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kAddressRefused);
  }
}

TEST(AddressGuard, AllowAllOpensEverything) {
  const AddressGuard open = guard({.allow_all = true, .allowed_cidrs = {}});
  EXPECT_TRUE(open.check("127.0.0.1").has_value());
  EXPECT_TRUE(open.check("fd00:ec2::254").has_value());
}

TEST(AddressGuard, AnAllowedNetworkOpensItselfOnly) {
  const AddressGuard some = guard({.allowed_cidrs = {"10.1.0.0/16", "fd00:1::/32", "192.168.7.9"}});
  EXPECT_TRUE(some.check("10.1.255.255").has_value());
  EXPECT_TRUE(some.check("::ffff:10.1.0.1").has_value());
  EXPECT_TRUE(some.check("fd00:1::5").has_value());
  EXPECT_TRUE(some.check("192.168.7.9").has_value());
  EXPECT_FALSE(some.check("10.0.255.255").has_value());
  EXPECT_FALSE(some.check("10.2.0.0").has_value());
  EXPECT_FALSE(some.check("fd00:2::5").has_value());
  EXPECT_FALSE(some.check("192.168.7.8").has_value());
  EXPECT_FALSE(some.check("2002:a01:1::").has_value());
}

TEST(AddressGuard, PrefixesNeedNotEndAtAByte) {
  const AddressGuard some = guard({.allowed_cidrs = {"10.128.0.0/9", "fd80::/9"}});
  EXPECT_TRUE(some.check("10.128.0.1").has_value());
  EXPECT_TRUE(some.check("10.255.0.1").has_value());
  EXPECT_FALSE(some.check("10.127.255.255").has_value());
  EXPECT_TRUE(some.check("fdff::1").has_value());
  EXPECT_FALSE(some.check("fd7f::1").has_value());
}

TEST(AddressGuard, AllOfIPv6IsNotAllOfIPv4) {
  const AddressGuard six = guard({.allowed_cidrs = {"::/0"}});
  EXPECT_TRUE(six.check("::1").has_value());
  EXPECT_FALSE(six.check("127.0.0.1").has_value());
  EXPECT_FALSE(six.check("::ffff:127.0.0.1").has_value());
  const AddressGuard four = guard({.allowed_cidrs = {"0.0.0.0/0"}});
  EXPECT_TRUE(four.check("127.0.0.1").has_value());
  EXPECT_FALSE(four.check("::1").has_value());
}

TEST(AddressGuard, ABadRangeIsNamed) {
  for (const std::string cidr : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8",
                                 "::/129", "fe80::%1/64", "10.0.0.0/8x", "example.com/8"}) {
    const auto made = AddressGuard::make({.allowed_cidrs = {cidr}});
    ASSERT_FALSE(made.has_value()) << cidr;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidRequest);
    EXPECT_NE(made.error().text.find(cidr), std::string::npos);
  }
}

}  // namespace
}  // namespace ferry::http
