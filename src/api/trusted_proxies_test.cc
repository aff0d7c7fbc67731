#include "api/trusted_proxies.h"

#include <gtest/gtest.h>

namespace ferry::api {
namespace {

TrustedProxies proxies_of(const std::vector<std::string>& cidrs) {
  auto proxies = TrustedProxies::make(cidrs);
  EXPECT_TRUE(proxies);
  return std::move(*proxies);
}

http::RequestHead head_from(std::string peer, HeaderList headers) {
  http::RequestHead head;
  head.peer_ip = std::move(peer);
  head.headers = std::move(headers);
  return head;
}

TEST(TrustedProxies, KnowsLiteralAddresses) {
  EXPECT_TRUE(is_ip_address("127.0.0.1"));
  EXPECT_TRUE(is_ip_address("::1"));
  for (const char* text : {"", "localhost", "127.0.0.1:80", "[::1]", "1.2.3", "1.2.3.4.5"}) {
    EXPECT_FALSE(is_ip_address(text)) << text;
  }
}

TEST(TrustedProxies, NothingHidesBehindANul) {
  EXPECT_FALSE(is_ip_address(std::string_view("127.0.0.1\0x", 11)));
}

TEST(TrustedProxies, MatchesPrefixesThatEndWithinAByte) {
  const TrustedProxies proxies = proxies_of({"10.16.0.0/12", "fd00::/9", "192.0.2.1"});
  EXPECT_TRUE(proxies.contains("10.31.255.255"));
  EXPECT_FALSE(proxies.contains("10.32.0.0"));
  EXPECT_TRUE(proxies.contains("fd7f::1"));
  EXPECT_FALSE(proxies.contains("fd80::1"));
  EXPECT_TRUE(proxies.contains("192.0.2.1"));
  EXPECT_FALSE(proxies.contains("192.0.2.2"));
  EXPECT_FALSE(proxies.contains("no address"));
}

TEST(TrustedProxies, AnIpv4NetworkAlsoMatchesItsMappedForm) {
  EXPECT_TRUE(proxies_of({"10.0.0.0/8"}).contains("::ffff:10.1.2.3"));
  EXPECT_TRUE(proxies_of({"0.0.0.0/0"}).contains("8.8.8.8"));
  EXPECT_FALSE(proxies_of({"0.0.0.0/0"}).contains("2001:db8::1"));
  EXPECT_TRUE(proxies_of({"::/0"}).contains("8.8.8.8"));
}

TEST(TrustedProxies, NamesTheNetworkThatIsNone) {
  for (const char* cidr : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "x/8", ""}) {
    const auto proxies = TrustedProxies::make({"127.0.0.1", cidr});
    ASSERT_FALSE(proxies) << cidr;
    EXPECT_EQ(proxies.error().code, ErrorCode::kInvalidRequest);
    EXPECT_TRUE(proxies.error().text.ends_with(cidr));
  }
}

TEST(TrustedProxies, TheForwardedFieldOfAStrangerIsNotBelieved) {
  const HeaderList headers = {{"X-Forwarded-For", "1.1.1.1"}};
  EXPECT_EQ(TrustedProxies().caller_ip(head_from("9.9.9.9", headers)), "9.9.9.9");
  EXPECT_EQ(proxies_of({"10.0.0.0/8"}).caller_ip(head_from("9.9.9.9", headers)), "9.9.9.9");
}

TEST(TrustedProxies, TheCallerIsTheRightMostUntrustedEntry) {
  const TrustedProxies proxies = proxies_of({"10.0.0.0/8"});
  const auto caller = [&](HeaderList headers) {
    return proxies.caller_ip(head_from("10.0.0.1", std::move(headers)));
  };
  EXPECT_EQ(caller({{"x-forwarded-for", "6.6.6.6, 5.5.5.5, 10.2.2.2"}}), "5.5.5.5");
  EXPECT_EQ(caller({{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "10.0.0.9"}}), "6.6.6.6");
  EXPECT_EQ(caller({{"X-Forwarded-For", "10.0.0.7,10.0.0.8"}}), "10.0.0.7");
  EXPECT_EQ(caller({}), "10.0.0.1");
}

TEST(TrustedProxies, PortsOfEntriesAreCutAndJunkEndsTheWalk) {
  const TrustedProxies proxies = proxies_of({"10.0.0.0/8"});
  const auto caller = [&](std::string entries) {
    return proxies.caller_ip(head_from("10.0.0.1", {{"X-Forwarded-For", std::move(entries)}}));
  };
  EXPECT_EQ(caller("5.5.5.5:1234"), "5.5.5.5");
  EXPECT_EQ(caller("[2001:db8::1]:1234"), "2001:db8::1");
  EXPECT_EQ(caller("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(caller("5.5.5.5, unknown"), "10.0.0.1");
  EXPECT_EQ(caller("5.5.5.5, [junk, 10.0.0.2"), "10.0.0.2");
}

}  // namespace
}  // namespace ferry::api
