#include "app/setting_values.h"

#include <gtest/gtest.h>

namespace ferry::app {
namespace {

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text;
}

TEST(SettingValues, ABoundedIntegerIsTakenAtBothEdges) {
  EXPECT_EQ(read_integer({"1"}, {1, 64}), 1);
  EXPECT_EQ(read_integer({" 64 "}, {1, 64}), 64);
  EXPECT_EQ(error_of(read_integer({"0"}, {1, 64})), "expected an integer from 1 to 64");
  EXPECT_EQ(error_of(read_integer({"65"}, {1, 64})), "expected an integer from 1 to 64");
}

TEST(SettingValues, AnIntegerIsAllOfItsText) {
  EXPECT_EQ(error_of(read_integer({"12x"}, {})), "expected an integer, got '12x'");
  EXPECT_EQ(error_of(read_integer({""}, {})), "expected an integer, got ''");
  EXPECT_FALSE(read_integer({"1.0"}, {}));
  EXPECT_FALSE(read_integer({"9223372036854775808"}, {}));
}

TEST(SettingValues, ANumberIsFiniteAndWithinItsBounds) {
  EXPECT_EQ(read_number({"0.1"}, 0.1, 10), 0.1);
  EXPECT_EQ(read_number({"2.5"}, 0.1, 10), 2.5);
  EXPECT_FALSE(read_number({"10.01"}, 0.1, 10));
  EXPECT_FALSE(read_number({"nan"}, 0.1, 10));
  EXPECT_FALSE(read_number({"inf"}, 0.1, 10));
  EXPECT_FALSE(read_number({"two"}, 0.1, 10));
}

TEST(SettingValues, SizesTakeUnitsThatArePowersOf1024) {
  constexpr std::uint64_t kAny = ~0ull;
  EXPECT_EQ(read_bytes({"4096"}, 0, kAny), 4096u);
  EXPECT_EQ(read_bytes({"7B"}, 0, kAny), 7u);
  EXPECT_EQ(read_bytes({"1k"}, 0, kAny), 1024u);
  EXPECT_EQ(read_bytes({"64MB"}, 0, kAny), 64u << 20);
  EXPECT_EQ(read_bytes({"64 mib"}, 0, kAny), 64u << 20);
  EXPECT_EQ(read_bytes({"1GiB"}, 0, kAny), 1u << 30);
  EXPECT_EQ(read_bytes({"2TB"}, 0, kAny), 2ull << 40);
}

TEST(SettingValues, SizesRefuseOtherUnitsAndMissingDigits) {
  for (const char* text : {"", "MB", "1XB", "1.5MB", "-1", "1 M B", "1ki b"}) {
    EXPECT_FALSE(read_bytes({text}, 0, ~0ull)) << text;
  }
}

TEST(SettingValues, SizesAreCheckedWithoutOverflow) {
  EXPECT_EQ(read_bytes({"1MB"}, 1 << 20, 2 << 20), 1u << 20);
  EXPECT_EQ(read_bytes({"2MB"}, 1 << 20, 2 << 20), 2u << 20);
  EXPECT_FALSE(read_bytes({"1048575"}, 1 << 20, 2 << 20));
  EXPECT_FALSE(read_bytes({"2097153"}, 1 << 20, 2 << 20));
  EXPECT_FALSE(read_bytes({"18446744073709551615TB"}, 0, ~0ull));
  EXPECT_FALSE(read_bytes({"18446744073709551616"}, 0, ~0ull));
}

TEST(SettingValues, DurationsAreCheckedAtBothEdges) {
  const Duration min{10};
  const Duration max = std::chrono::minutes(5);
  EXPECT_EQ(read_duration({"10ms"}, min, max), min);
  EXPECT_EQ(read_duration({"5m"}, min, max), max);
  EXPECT_EQ(error_of(read_duration({"9ms"}, min, max)), "expected a duration from 10ms to 5m");
  EXPECT_FALSE(read_duration({"5m1ms"}, min, max));
  EXPECT_FALSE(read_duration({"soon"}, min, max));
}

TEST(SettingValues, FlagsAreSaidInSeveralWords) {
  for (const char* text : {"true", "1", "yes", "ON"}) EXPECT_EQ(read_flag({text}), true) << text;
  for (const char* text : {"false", "0", "no", "Off"}) EXPECT_EQ(read_flag({text}), false) << text;
  EXPECT_EQ(error_of(read_flag({"maybe"})), "expected true or false, got 'maybe'");
}

TEST(SettingValues, ATextIsOneText) {
  EXPECT_EQ(read_text({"a"}), "a");
  EXPECT_EQ(error_of(read_text({})), "expected one value");
  EXPECT_EQ(error_of(read_text({"a", "b"})), "expected one value");
}

TEST(SettingValues, ListsComeAsOneTextOrSeveral) {
  const std::vector<std::string> expected{"a", "b", "c"};
  EXPECT_EQ(read_list({"a, b,c"}), expected);
  EXPECT_EQ(read_list({"a", "b,c,"}), expected);
  EXPECT_EQ(read_list({""}), std::vector<std::string>{});
}

TEST(SettingValues, MapsAreListsOfPairs) {
  const std::map<std::string, std::string> expected{{"a:80", "b:81"}, {"c", ""}};
  EXPECT_EQ(read_map({"a:80 = b:81, c="}), expected);
  EXPECT_EQ(error_of(read_map({"a"})), "expected key=value, got 'a'");
  EXPECT_FALSE(read_map({"=b"}));
}

TEST(SettingValues, AddressesHaveAHostAndAPort) {
  const auto expect = [](const char* text, const std::string& host, int port) {
    const auto address = read_host_and_port({text});
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
  };
  expect("127.0.0.1:8080", "127.0.0.1", 8080);
  expect("[::1]:65535", "::1", 65'535);
  expect(":0", "0.0.0.0", 0);
  EXPECT_FALSE(read_host_and_port({"localhost"}));
  EXPECT_FALSE(read_host_and_port({"localhost:65536"}));
  EXPECT_FALSE(read_host_and_port({"localhost:-1"}));
  EXPECT_FALSE(read_host_and_port({"localhost:"}));
}

}  // namespace
}  // namespace ferry::app
