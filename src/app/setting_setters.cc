#include "app/setting_setters.h"

#include "app/connection_settings.h"
#include "base/header_list.h"
#include "domain/push_target.h"

namespace ferry::app {
namespace {

// One of a few words.
template <class T>
Result<T> choose(const SettingTexts& texts, const std::vector<std::pair<std::string, T>>& words) {
  ASSIGN_OR_RETURN(const std::string word, read_text(texts));
  std::string known;
  for (const auto& [name, value] : words) {
    if (word == name) return value;
    known += (known.empty() ? "" : ", ") + name;
  }
  return fail(ErrorCode::kInvalidRequest, "expected one of " + known + ", got '" + word + "'");
}

}  // namespace

Result<void> listen_address(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(const HostAndPort address, read_host_and_port(texts));
  settings.listen_host = address.host;
  settings.listen_port = address.port;
  return {};
}

Result<void> metrics_listen(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  if (!text.empty()) RETURN_IF_ERROR(read_host_and_port(texts));
  settings.metrics_listen = text;
  return {};
}

Result<void> data_folder(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.data_folder, read_text(texts));
  if (settings.data_folder.empty()) return fail(ErrorCode::kInvalidRequest, "expected a folder");
  return {};
}

Result<void> backoff_factor(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.backoff_factor, read_number(texts, 0.1, 10));
  return {};
}

Result<void> connect_to(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.connect_to, read_map(texts));
  return {};
}

Result<void> api_destinations(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.api_destinations, read_map(texts));
  for (const auto& [name, url] : settings.api_destinations) {
    if (host_key(url).empty()) {
      return fail(ErrorCode::kInvalidRequest, name + ": expected an http or https URL");
    }
  }
  return {};
}

Result<void> api_destination_headers(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.api_destination_headers, read_map(texts));
  for (const auto& [key, value] : settings.api_destination_headers) {
    const std::size_t slash = key.find('/');
    const bool named = slash != std::string::npos && slash > 0;
    if (!named || !is_header_name(std::string_view(key).substr(slash + 1)) ||
        !is_header_value(value)) {
      return fail(ErrorCode::kInvalidRequest, key + ": expected name/Header=value");
    }
  }
  return {};
}

Result<void> connections(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.connections, read_connections(texts));
  return {};
}

Result<void> resolver(Settings& settings, const SettingTexts& texts) {
  using By = http::NameOptions::By;
  ASSIGN_OR_RETURN(settings.names.by,
                   choose<By>(texts, {{"c-ares", By::kDns}, {"system", By::kSystem}}));
  return {};
}

Result<void> nameservers(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.names.nameservers, read_list(texts));
  return {};
}

Result<void> engine_hosting(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.engine_host,
                   choose<EngineHosting>(texts, {{"auto", EngineHosting::kAuto},
                                                 {"inline", EngineHosting::kInline},
                                                 {"thread", EngineHosting::kThread}}));
  return {};
}

Result<void> loop_guard(Settings& settings, const SettingTexts& texts) {
  ASSIGN_OR_RETURN(settings.function_loop_reject,
                   choose<bool>(texts, {{"warn", false}, {"reject", true}}));
  return {};
}

Result<void> history_bodies(Settings& settings, const SettingTexts& texts) {
  using store::HistoryBodies;
  ASSIGN_OR_RETURN(settings.history_bodies,
                   choose<HistoryBodies>(texts, {{"all", HistoryBodies::kAll},
                                                 {"failed", HistoryBodies::kFailedOnly},
                                                 {"none", HistoryBodies::kNone}}));
  return {};
}

Result<void> log_level(Settings& settings, const SettingTexts& texts) {
  using log::Level;
  ASSIGN_OR_RETURN(settings.log_level, choose<Level>(texts, {{"debug", Level::kDebug},
                                                             {"info", Level::kInfo},
                                                             {"warn", Level::kWarn},
                                                             {"error", Level::kError},
                                                             {"off", Level::kOff}}));
  return {};
}

Result<void> log_format(Settings& settings, const SettingTexts& texts) {
  using log::Format;
  ASSIGN_OR_RETURN(settings.log_format,
                   choose<Format>(texts, {{"json", Format::kJson}, {"text", Format::kText}}));
  return {};
}

}  // namespace ferry::app
