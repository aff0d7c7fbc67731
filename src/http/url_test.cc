#include "http/url.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

Url parsed(std::string_view text) {
  auto url = parse_url(text);
  EXPECT_TRUE(url.has_value()) << text << ": " << (url ? "" : url.error().text);
  return url.value_or(Url{});
}

TEST(Url, TakesAnAbsoluteUrlApart) {
  const Url url = parsed("https://Example.COM:8443/a%20b//c?x=1&y=%C3%BC");
  EXPECT_TRUE(url.secure);
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.authority, "Example.COM:8443");
  EXPECT_EQ(url.target, "/a%20b//c?x=1&y=%C3%BC");
}

TEST(Url, TheSchemeGivesThePortAndMayBeOfAnyCase) {
  EXPECT_EQ(parsed("http://a").port, 80);
  EXPECT_EQ(parsed("HTTPS://a").port, 443);
  EXPECT_TRUE(parsed("HTTPS://a").secure);
  EXPECT_EQ(parsed("http://a:/x").port, 80);
  EXPECT_EQ(parsed("http://a:/x").authority, "a");
}

TEST(Url, TheTargetIsNeverEmptyAndHasNoFragment) {
  EXPECT_EQ(parsed("http://a").target, "/");
  EXPECT_EQ(parsed("http://a/").target, "/");
  EXPECT_EQ(parsed("http://a?q=1").target, "/?q=1");
  EXPECT_EQ(parsed("http://a/p#top").target, "/p");
  EXPECT_EQ(parsed("http://a#top?q").target, "/");
  EXPECT_EQ(parsed("http://a/p?q=http://x.y/?z#f").target, "/p?q=http://x.y/?z");
}

TEST(Url, OnlyWhatNoRequestLineMayCarryIsEncoded) {
  EXPECT_EQ(parsed("http://a/b c\xC3\xBC\r\n\x7f").target, "/b%20c%C3%BC%0D%0A%7F");
  EXPECT_EQ(parsed(std::string_view("http://a/\0x", 11)).target, "/%00x");
  EXPECT_EQ(parsed("http://a/%zz/\"<>|{}^`\\").target, "/%zz/\"<>|{}^`\\");
  EXPECT_EQ(parsed("http://a/../b/./c").target, "/../b/./c");
}

TEST(Url, IPv6HostsLoseTheirBrackets) {
  const Url url = parsed("http://[2001:DB8::1]:81/x");
  EXPECT_EQ(url.host, "2001:db8::1");
  EXPECT_EQ(url.port, 81);
  EXPECT_EQ(url.authority, "[2001:DB8::1]:81");
  EXPECT_EQ(parsed("https://[::1]").port, 443);
}

TEST(Url, PortsReachFromOneTo65535) {
  EXPECT_EQ(parsed("http://a:1").port, 1);
  EXPECT_EQ(parsed("http://a:65535").port, 65535);
  EXPECT_EQ(parsed("http://a:0080").port, 80);
}

TEST(Url, AnythingElseIsAnInvalidDestination) {
  for (const std::string_view text : {"",
                                      "a",
                                      "ftp://a",
                                      "//a",
                                      "http:/a",
                                      "http//a",
                                      " http://a",
                                      "mailto:a@b",
                                      "http://",
                                      "https:///path",
                                      "http://?q",
                                      "http://#f",
                                      "http://:80",
                                      "http://a:0",
                                      "http://a:65536",
                                      "http://a:-1",
                                      "http://a:+1",
                                      "http://a:8o",
                                      "http://a:80:80",
                                      "http://user@a",
                                      "http://user:secret@a",
                                      "http://@a",
                                      "http://good\\@evil",
                                      "http://a b",
                                      "http://a\tb",
                                      "http://a%2eb",
                                      "http://\xC3\xBC.example",
                                      "http://.a",
                                      "http://[::1",
                                      "http://[]",
                                      "http://[::1]x",
                                      "http://[1.2.3.4]",
                                      "http://[fe80::1%25eth0]",
                                      "http://a,b",
                                      "http://a;b",
                                      "http://a\r\nHost: b/",
                                      "http://[::g]"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidDestination) << text;
  }
}

TEST(Url, AnAddressEndsWhereItsBracketsEnd) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_url("https://[::1\0]/"sv));
  EXPECT_FALSE(parse_url("https://[2001:4860:4860::8888\0junk]:443/"sv));
}

TEST(Url, AHostMayHave253Characters) {
  const std::string longest(253, 'a');
  EXPECT_EQ(parsed("http://" + longest + "/").host, longest);
  EXPECT_FALSE(parse_url("http://a" + longest + "/").has_value());
}

TEST(Url, TheErrorSaysWhatIsWrong) {
  EXPECT_EQ(parse_url("gopher://a").error().text,
            "endpoint has invalid scheme, add http:// or https://");
  EXPECT_EQ(parse_url("http://u:p@a").error().text, "endpoint must not carry user information");
  EXPECT_EQ(parse_url("http://a:99999").error().text, "endpoint has an invalid port");
}

}  // namespace
}  // namespace ferry::http
