#include "http/party.h"

#include <gtest/gtest.h>

#include <string>

namespace ferry::http {
namespace {

TEST(Party, AnIpv4AddressIsAPartyOfItsOwn) {
  EXPECT_EQ(Party::of_address("127.0.0.1"), Party::of_address("127.0.0.1"));
  EXPECT_NE(Party::of_address("127.0.0.1"), Party::of_address("127.0.0.2"));
  EXPECT_EQ(Party::of_address("::ffff:127.0.0.1"), Party::of_address("127.0.0.1"));
  EXPECT_TRUE(Party::of_address("127.0.0.1").is_address());
}

TEST(Party, AnIpv6AddressCountsToItsNetworkOf64Bits) {
  EXPECT_EQ(Party::of_address("2001:db8:0:1::1"), Party::of_address("2001:db8:0:1:ffff::9"));
  EXPECT_NE(Party::of_address("2001:db8:0:1::1"), Party::of_address("2001:db8:0:2::1"));
  EXPECT_EQ(Party::of_address("fe80::1%eth0"), Party::of_address("fe80::2"));
  EXPECT_NE(Party::of_address("::1"), Party::of_address("0.0.0.0"));
}

TEST(Party, WhatIsNoAddressIsNone) {
  for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4:80", "[::1]", "1.2.3.4 "}) {
    EXPECT_TRUE(Party::of_address(text).is_none()) << text;
  }
  EXPECT_TRUE(Party::of_address(std::string(100, '1')).is_none());
}

TEST(Party, ACallerIsNoAddress) {
  EXPECT_FALSE(Party::of_caller(1).is_address());
  EXPECT_NE(Party::of_caller(0x7f000001), Party::of_address("127.0.0.1"));
}

}  // namespace
}  // namespace ferry::http
