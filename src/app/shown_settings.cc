#include "app/shown_settings.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace ferry::app {
namespace {

constexpr std::array<std::string_view, 4> kSecrets = {"metrics.token", "api.destination_headers",
                                                      "connections", "delivery.proxy"};

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"B", "KB", "MB", "GB"};
  std::size_t unit = 0;
  while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + std::string(kUnits[unit]);
}

std::map<std::string_view, std::uint64_t> budgets(const Settings& settings) {
  return {{"memory", settings.memory},
          {"reading_memory", settings.reading_memory},
          {"inbox_memory", settings.inbox_memory},
          {"answer_memory", settings.answer_memory},
          {"delivery.body_memory", settings.body_memory},
          {"storage.tail_bytes_max", settings.tail_bytes_max}};
}

std::string text_of(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);  // a basic string of TOML has the same escapes
  return quoted;
}

std::string list_of(const SettingTexts& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += text_of(text);
  }
  return list + "]";
}

}  // namespace

std::string shown_settings(const LoadedSettings& loaded) {
  const auto in_effect = budgets(loaded.settings);
  std::string page;
  for (const SettingInfo& info : setting_table()) {
    const auto given = loaded.given.find(std::string(info.name));
    const bool is_given = given != loaded.given.end();
    const bool several = info.kind == "list" || info.kind == "map";
    const SettingTexts fallback =
        several ? SettingTexts{} : SettingTexts{std::string(info.fallback)};
    const SettingTexts& texts = is_given ? given->second : fallback;
    page += std::string(info.name) + " = ";
    if (const auto budget = in_effect.find(info.name); budget != in_effect.end()) {
      page += text_of(bytes_text(budget->second));
    } else if (is_given && std::ranges::find(kSecrets, info.name) != kSecrets.end()) {
      page += text_of("(hidden)");
    } else {
      page += several ? list_of(texts) : text_of(texts.front());
    }
    page += is_given ? "\n" : "  # default\n";
  }
  return page;
}

}  // namespace ferry::app
