#include "app/cli/setting_flags.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "app/memory_budgets.h"
#include "base/check.h"

namespace ferry::app::cli {
namespace {

void add_config_flag(Command command, SettingFlags& flags) {
  command.add_option("--config", flags.config_file, "TOML file with settings")
      .or_environment("FERRY_CONFIG");
}

void add_flag(Command command, SettingFlags& flags, const SettingInfo& info) {
  const std::string name(info.name);
  std::string prose(info.prose);
  if (!info.fallback.empty()) prose += " [" + std::string(info.fallback) + "]";
  if (info.kind == "flag") {
    const auto keep = [&flags, name](bool given) {
      flags.given[name] = {given ? "true" : "false"};
    };
    command.add_flag("--" + name, keep, prose);
    return;
  }
  const auto keep = [&flags, name](const SettingTexts& values) { flags.given[name] = values; };
  Option option = command.add_option("--" + name, keep, prose);
  if (info.kind == "list" || info.kind == "map") option.repeated();
}

}  // namespace

void add_setting_flags(Command command, SettingFlags& flags) {
  add_config_flag(command, flags);
  for (const SettingInfo& info : setting_table()) add_flag(command, flags, info);
}

void add_setting_flag(Command command, SettingFlags& flags, std::string_view name) {
  const auto info = std::ranges::find(setting_table(), name, &SettingInfo::name);
  CHECK(info != setting_table().end());
  add_config_flag(command, flags);
  add_flag(command, flags, *info);
}

Result<LoadedSettings> settings_with_texts(Settings base, const SettingFlags& flags) {
  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  ASSIGN_OR_RETURN(LoadedSettings loaded,
                   load_settings_with_texts(std::move(base), {.file = flags.config_file,
                                                              .environment = environment,
                                                              .flags = flags.given}));
  loaded.settings = with_memory_budgets(std::move(loaded.settings), usable_memory());
  return loaded;
}

Result<Settings> settings_from(Settings base, const SettingFlags& flags) {
  ASSIGN_OR_RETURN(LoadedSettings loaded, settings_with_texts(std::move(base), flags));
  return std::move(loaded.settings);
}

}  // namespace ferry::app::cli
