#include "domain/delivery.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

DestinationPtr destination(std::string url) {
  Destination to;
  to.target.url = std::move(url);
  return std::make_shared<const Destination>(std::move(to));
}

Delivery delivery_to(std::string url) {
  Delivery delivery;
  delivery.id = DeliveryId{5};
  delivery.to = destination(std::move(url));
  return delivery;
}

TEST(Delivery, EqualDeliveriesMayHaveDestinationsInDifferentPlaces) {
  const Delivery a = delivery_to("https://a.test");
  const Delivery b = delivery_to("https://a.test");
  EXPECT_NE(a.to, b.to);
  EXPECT_EQ(a, b);
  EXPECT_FALSE(a == delivery_to("https://b.test"));
}

TEST(Delivery, ADifferenceInAnyFieldMakesDeliveriesDiffer) {
  const Delivery base = delivery_to("https://a.test");
  const auto differs = [&base](auto change) {
    Delivery changed = base;
    change(changed);
    return !(changed == base);
  };
  EXPECT_TRUE(differs([](Delivery& d) { d.id = DeliveryId{6}; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.message_id = MessageId{6}; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.tenant = TenantId{6}; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.not_before = from_unix_ms(1); }));
  EXPECT_TRUE(differs([](Delivery& d) { d.due_at = from_unix_ms(1); }));
  EXPECT_TRUE(differs([](Delivery& d) { d.retried = 1; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.cancel_requested = true; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.lane = 9; }));
  EXPECT_TRUE(differs([](Delivery& d) { d.to = nullptr; }));
}

TEST(Delivery, DeliveriesWithoutADestinationCompareToo) {
  EXPECT_EQ(Delivery{}, Delivery{});
  EXPECT_FALSE(Delivery{} == delivery_to("https://a.test"));
}

TEST(HostKey, IsTheHostInLowerCaseWithoutTheSchemesOwnPort) {
  EXPECT_EQ(host_key("https://Example.COM/Path?q=1"), "example.com");
  EXPECT_EQ(host_key("HTTP://a.test"), "a.test");
  EXPECT_EQ(host_key("https://a.test:443/"), "a.test");
  EXPECT_EQ(host_key("http://a.test:80"), "a.test");
  EXPECT_EQ(host_key("http://a.test:080?x"), "a.test");
  EXPECT_EQ(host_key("http://a.test:/p"), "a.test");
}

TEST(HostKey, KeepsAnyOtherPort) {
  EXPECT_EQ(host_key("https://h:8443/p?q"), "h:8443");
  EXPECT_EQ(host_key("http://a.test:443"), "a.test:443");
  EXPECT_EQ(host_key("https://a.test:80"), "a.test:80");
  EXPECT_EQ(host_key("https://a.test:65535#f"), "a.test:65535");
}

TEST(HostKey, LeavesUserInformationOut) {
  EXPECT_EQ(host_key("http://user:pass@a.test:8080/"), "a.test:8080");
  EXPECT_EQ(host_key("http://user@evil.test@a.test/"), "a.test");
  EXPECT_EQ(host_key("http://a.test/x@b.test"), "a.test");
  EXPECT_EQ(host_key("http://a.test?x@b.test"), "a.test");
}

TEST(HostKey, KnowsBracketedAddresses) {
  EXPECT_EQ(host_key("http://[::1]:8080/x"), "[::1]:8080");
  EXPECT_EQ(host_key("https://[2001:DB8::1]"), "[2001:db8::1]");
  EXPECT_EQ(host_key("https://[::1]:443"), "[::1]");
}

TEST(HostKey, IsEmptyForWhatIsNoAbsoluteHttpUrl) {
  for (const std::string_view url : {"",
                                     "a.test",
                                     "//a.test",
                                     "ftp://a.test",
                                     "http:/a.test",
                                     "http:a.test",
                                     "https://",
                                     "https:///path",
                                     "http://:80",
                                     "http://@",
                                     "http://[]",
                                     "http://[::1",
                                     "http://[::1]x",
                                     "http://h:80x",
                                     "http://h:-1",
                                     "http://h:+1",
                                     "http://h:65536",
                                     "http://h:1:2",
                                     "http://a b/",
                                     "http://a\n.test",
                                     "http://a\x7f",
                                     "xhttp://a.test",
                                     " http://a.test"}) {
    EXPECT_EQ(host_key(url), "") << url;
  }
  EXPECT_EQ(host_key(std::string_view("http://a\0b/", 11)), "");
}

TEST(UrlPath, IsWhatFollowsTheHostUpToTheQuery) {
  EXPECT_EQ(url_path("https://a.test/v1/orders?id=7"), "/v1/orders");
  EXPECT_EQ(url_path("https://a.test/a%20b/../c//d"), "/a%20b/../c//d");
  EXPECT_EQ(url_path("https://a.test/x#fragment"), "/x");
  EXPECT_EQ(url_path("https://a.test/x#y?z"), "/x");
}

TEST(UrlPath, OfNothingIsTheRoot) {
  EXPECT_EQ(url_path("https://a.test"), "/");
  EXPECT_EQ(url_path("https://a.test?x=/y"), "/");
  EXPECT_EQ(url_path("https://a.test#/y"), "/");
  EXPECT_EQ(url_path(""), "/");
  EXPECT_EQ(url_path("not a url/x"), "/");
  EXPECT_EQ(url_path("ftp://a.test/x"), "/");
  EXPECT_EQ(url_path("https://"), "/");
}

}  // namespace
}  // namespace ferry
