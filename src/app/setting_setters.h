#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "app/setting_values.h"

// What a row of the table does with the texts of its setting: a setter reads them and puts the
// value into the settings. For the rows of config_table.cc alone.

namespace ferry::app {

using Set = std::function<Result<void>(Settings&, const SettingTexts&)>;

// A setter that reads the texts with `read` and puts the value where `member` points.
template <class T, class Read>
Set setter(T Settings::* member, Read read) {
  return [member, read](Settings& settings, const SettingTexts& texts) -> Result<void> {
    ASSIGN_OR_RETURN(auto value, read(texts));
    settings.*member = static_cast<T>(std::move(value));
    return {};
  };
}

template <class T>
Set integer(T Settings::* member, IntegerBounds bounds) {
  return setter(member,
                [bounds](const SettingTexts& texts) { return read_integer(texts, bounds); });
}

template <class T>
Set bytes(T Settings::* member, std::uint64_t min, std::uint64_t max) {
  return setter(member, [=](const SettingTexts& texts) { return read_bytes(texts, min, max); });
}

// A byte budget: "auto" (0) leaves it to app/memory_budgets.h.
template <class T>
Set budget(T Settings::* member, std::uint64_t min, std::uint64_t max) {
  return setter(member, [=](const SettingTexts& texts) -> Result<std::uint64_t> {
    ASSIGN_OR_RETURN(const std::string text, read_text(texts));
    if (text == "auto") return 0;
    return read_bytes(texts, min, max);
  });
}

inline Set duration(Duration Settings::* member, Duration min, Duration max) {
  return setter(member, [=](const SettingTexts& texts) { return read_duration(texts, min, max); });
}

inline Set flag(bool Settings::* member) { return setter(member, read_flag); }
inline Set text(std::string Settings::* member) { return setter(member, read_text); }
inline Set list(std::vector<std::string> Settings::* member) { return setter(member, read_list); }

// Settings with rules of their own.
Result<void> listen_address(Settings& settings, const SettingTexts& texts);
Result<void> metrics_listen(Settings& settings, const SettingTexts& texts);
Result<void> data_folder(Settings& settings, const SettingTexts& texts);
Result<void> backoff_factor(Settings& settings, const SettingTexts& texts);
Result<void> connect_to(Settings& settings, const SettingTexts& texts);
Result<void> api_destinations(Settings& settings, const SettingTexts& texts);
Result<void> api_destination_headers(Settings& settings, const SettingTexts& texts);
Result<void> connections(Settings& settings, const SettingTexts& texts);
Result<void> resolver(Settings& settings, const SettingTexts& texts);
Result<void> nameservers(Settings& settings, const SettingTexts& texts);
Result<void> engine_hosting(Settings& settings, const SettingTexts& texts);
Result<void> loop_guard(Settings& settings, const SettingTexts& texts);
Result<void> history_bodies(Settings& settings, const SettingTexts& texts);
Result<void> log_level(Settings& settings, const SettingTexts& texts);
Result<void> log_format(Settings& settings, const SettingTexts& texts);

}  // namespace ferry::app
