#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/cli/command.h"
#include "app/config.h"

namespace ferry::app::cli {

// Flags named after settings, and what the command line gave for them. Outlives the parsing.
struct SettingFlags {
  std::string config_file;
  std::map<std::string, SettingTexts> given;
};

// `--config` and a flag for every setting.
void add_setting_flags(Command command, SettingFlags& flags);
// `--config` and the flag of one setting, for commands that need no other.
void add_setting_flag(Command command, SettingFlags& flags, std::string_view name);

// All sources over `base`, every byte budget with the value in effect.
Result<Settings> settings_from(Settings base, const SettingFlags& flags);
// The same, with what was given for each setting.
Result<LoadedSettings> settings_with_texts(Settings base, const SettingFlags& flags);

}  // namespace ferry::app::cli
