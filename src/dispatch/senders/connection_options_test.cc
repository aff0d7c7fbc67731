#include "dispatch/senders/connection_options.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

TEST(ConnectionOptions, AreReadByName) {
  const Connection connection{.options = {{"base64", "false"}, {"region", "r"}}};
  EXPECT_TRUE(check_option_names(connection, {"base64", "region", "more"}).has_value());
  EXPECT_EQ(flag_option(connection, "base64", true), false);
  EXPECT_EQ(flag_option(connection, "absent", true), true);
  EXPECT_EQ(flag_option(connection, "absent", false), false);
  EXPECT_EQ(text_option(connection, "region", "x"), "r");
  EXPECT_EQ(text_option(connection, "absent", "x"), "x");
}

TEST(ConnectionOptions, AreRefusedWhenUnknownOrMalformed) {
  const Connection connection{
      .name = "main", .kind = PushKind::kMns, .options = {{"base46", "false"}, {"flag", "yes"}}};
  const auto unknown = check_option_names(connection, {"base64", "flag"});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().text, "the connection main: there is no option base46 for mns");
  EXPECT_FALSE(flag_option(connection, "flag", true).has_value());
}

TEST(ConnectionOptions, TakeAnHttpAddressWithoutItsLastSlash) {
  const auto url_of = [](std::string address) {
    return base_url(Connection{.address = std::move(address)}).value_or("refused");
  };
  EXPECT_EQ(url_of("https://1.mns.cn-x.aliyuncs.com/"), "https://1.mns.cn-x.aliyuncs.com");
  EXPECT_EQ(url_of("http://127.0.0.1:8080/mns"), "http://127.0.0.1:8080/mns");
  for (const char* address : {"", "host:80", "http://", "ftp://h", "http://u:p@h", "http://h/?q"}) {
    EXPECT_EQ(url_of(address), "refused") << address;
  }
}

TEST(ConnectionOptions, NeedBothHalvesOfAKeyAndShowNeither) {
  EXPECT_TRUE(require_keys({.user = "AK", .secret = "hush"}).has_value());
  const auto no_user = require_keys({.name = "main", .secret = "hush"});
  ASSERT_FALSE(no_user.has_value());
  EXPECT_FALSE(no_user.error().text.contains("hush"));
  EXPECT_FALSE(require_keys({.user = "AK"}).has_value());
}

}  // namespace
}  // namespace ferry::dispatch
