#include "app/cli/setting_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

namespace ferry::app::cli {
namespace {

// The flags of a command line that parses.
SettingFlags parse(std::vector<std::string> arguments) {
  SettingFlags flags;
  CLI::App app;
  add_setting_flags(app, flags);
  std::ranges::reverse(arguments);
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    ADD_FAILURE() << error.what();
  }
  return flags;
}

TEST(SettingFlags, EverySettingHasAFlag) {
  SettingFlags flags;
  CLI::App app;
  add_setting_flags(app, flags);
  for (const SettingInfo& info : setting_table()) {
    EXPECT_NE(app.get_option_no_throw("--" + std::string(info.name)), nullptr) << info.name;
  }
}

TEST(SettingFlags, OnlyWhatWasGivenIsKept) {
  const SettingFlags flags = parse({"--config", "x.toml", "--io_threads", "2"});
  EXPECT_EQ(flags.config_file, "x.toml");
  EXPECT_EQ(flags.given, (std::map<std::string, SettingTexts>{{"io_threads", {"2"}}}));
}

TEST(SettingFlags, AFlagStandsAloneOrSaysFalse) {
  EXPECT_EQ(parse({"--ephemeral"}).given.at("ephemeral"), SettingTexts{"true"});
  EXPECT_EQ(parse({"--compat.misspelled_source_id=false"}).given.at("compat.misspelled_source_id"),
            SettingTexts{"false"});
}

TEST(SettingFlags, ListsMayBeGivenSeveralTimes) {
  const auto given =
      parse({"--trusted_proxies", "10.0.0.0/8", "--trusted_proxies", "::1/128"}).given;
  EXPECT_EQ(given.at("trusted_proxies"), (SettingTexts{"10.0.0.0/8", "::1/128"}));
}

}  // namespace
}  // namespace ferry::app::cli
