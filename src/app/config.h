#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

// The one declared table of settings. `--help`, docs/config.md, the configuration file, the
// environment and the flags all come from it; later sources win: defaults, file, environment,
// flags.

namespace ferry::app {

// What a source says about one setting: the texts of a list, or one text.
using SettingTexts = std::vector<std::string>;

struct SettingInfo {
  std::string_view name;  // "storage.journal_bytes_max": the key in the file; the flag is --name
  std::string_view kind;  // "duration", "bytes", "integer", "number", "flag", "text", "list", "map"
  std::string_view fallback;  // the default, as it would be written
  std::string_view bounds;    // prose, or empty
  std::string_view prose;
  std::function<Result<void>(Settings&, const SettingTexts&)> set;
};

const std::vector<SettingInfo>& setting_table();

// "storage.journal_bytes_max" -> "FERRY_STORAGE_JOURNAL_BYTES_MAX".
std::string environment_name(std::string_view setting);

struct ConfigSources {
  std::string file;                                     // path, or empty
  std::function<const char*(const char*)> environment;  // getenv, or a test's own
  std::map<std::string, SettingTexts> flags;            // by setting name
};

// Puts the sources over `base`. kInvalidRequest names the source and the setting at fault: an
// unknown key, a value that does not parse, one outside its bounds, settings that contradict each
// other.
Result<Settings> load_settings(Settings base, const ConfigSources& sources);

// The same with what was given for each setting; those that are left out have their default.
struct LoadedSettings {
  Settings settings;
  std::map<std::string, SettingTexts> given;  // by setting name
};
Result<LoadedSettings> load_settings_with_texts(Settings base, const ConfigSources& sources);

// docs/config.md, generated: a test compares the file in the tree with this text.
std::string settings_page();

}  // namespace ferry::app
