#include "dispatch/senders/broker_address.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

using Addresses = std::vector<BrokerAddress>;

Addresses parsed(std::string_view text) {
  const auto addresses = parse_broker_addresses(text, 9092);
  return addresses ? *addresses : Addresses{};
}

TEST(BrokerAddress, HasAHostAndAPort) {
  EXPECT_EQ(parsed("k.example:1"), (Addresses{{"k.example", 1}}));
  EXPECT_EQ(parsed("127.0.0.1:65535"), (Addresses{{"127.0.0.1", 65535}}));
}

TEST(BrokerAddress, WithoutAPortHasThatOfItsKind) {
  EXPECT_EQ(parsed("k.example"), (Addresses{{"k.example", 9092}}));
  EXPECT_EQ(parsed("[::1]"), (Addresses{{"::1", 9092}}));
}

TEST(BrokerAddress, ManyAreSeparatedByCommas) {
  EXPECT_EQ(parsed("a:1, [::1]:2,c"), (Addresses{{"a", 1}, {"::1", 2}, {"c", 9092}}));
}

TEST(BrokerAddress, WritesItselfWithBracketsAroundIpv6) {
  EXPECT_EQ(to_text({"::1", 2}), "[::1]:2");
  EXPECT_EQ(to_text({"a", 1}), "a:1");
}

TEST(BrokerAddress, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", ",", "a,", ":1", "a:", "a:0", "a:65536", "a:-1", "a:1x", "::1", "[::1", "[]:1",
        "[::1]1", "http://a:1", "a/b", "user@a", "a b"}) {
    EXPECT_FALSE(parse_broker_addresses(text, 9092)) << text;
  }
}

}  // namespace
}  // namespace ferry::dispatch
