#include "app/cli/setting_flags.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

// The flags of a command line that is understood.
SettingFlags parse(std::vector<std::string> arguments) {
  SettingFlags flags;
  CommandLine line("tool", "");
  add_setting_flags(line.root().add_command("go", "", [] { return kDone; }), flags);
  arguments.insert(arguments.begin(), "go");
  const auto ran = line.run(std::move(arguments));
  if (!ran) ADD_FAILURE() << ran.error().text;
  return flags;
}

TEST(SettingFlags, EverySettingHasAFlag) {
  SettingFlags flags;
  CommandLine line("tool", "");
  add_setting_flags(line.root(), flags);
  std::set<std::string> names;
  for (const Command::LongFlag& flag : line.root().flags()) names.insert(flag.name);
  for (const SettingInfo& info : setting_table()) {
    EXPECT_TRUE(names.contains("--" + std::string(info.name))) << info.name;
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
