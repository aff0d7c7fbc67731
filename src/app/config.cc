#include "app/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <iterator>

#include "base/encoding.h"

namespace ferry::app {
namespace {

const SettingInfo* find_setting(std::string_view name) {
  const auto& table = setting_table();
  const auto it = std::ranges::find(table, name, &SettingInfo::name);
  return it == table.end() ? nullptr : &*it;
}

Error at_fault(const std::string& source, std::string_view name, const std::string& text) {
  return Error{ErrorCode::kInvalidRequest, source + ": " + std::string(name) + ": " + text};
}

Result<void> apply(LoadedSettings& loaded, const std::string& source, std::string_view name,
                   const SettingTexts& texts) {
  const SettingInfo* info = find_setting(name);
  if (info == nullptr) return std::unexpected(at_fault(source, name, "there is no such setting"));
  if (auto set = info->set(loaded.settings, texts); !set) {
    return std::unexpected(at_fault(source, name, set.error().text));
  }
  loaded.given[std::string(name)] = texts;
  return {};
}

Result<std::string> text_of(const toml::node& node, const std::string& source,
                            const std::string& name) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  if (const auto* number = node.as_floating_point()) return std::to_string(number->get());
  return std::unexpected(at_fault(source, name, "expected a text, number, flag or list of texts"));
}

// A map written as a table: "key=value", and "key/inner=value" of a table in it.
Result<SettingTexts> map_texts(const toml::table& table, const std::string& source,
                               const std::string& name, const std::string& prefix = "") {
  SettingTexts texts;
  for (const auto& [key, node] : table) {
    const std::string entry = prefix + std::string(key.str());
    if (const auto* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      ASSIGN_OR_RETURN(SettingTexts more, map_texts(*inner, source, name, entry + "/"));
      std::ranges::move(more, std::back_inserter(texts));
    } else {
      ASSIGN_OR_RETURN(const std::string text, text_of(node, source, name));
      texts.push_back(entry + "=" + text);
    }
  }
  return texts;
}

Result<void> apply_table(LoadedSettings& loaded, const std::string& source,
                         const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const SettingInfo* info = find_setting(name);
    const auto* nested = node.as_table();
    SettingTexts texts;
    if (nested != nullptr && info == nullptr) {
      RETURN_IF_ERROR(apply_table(loaded, source, *nested, name + "."));
      continue;
    }
    if (nested != nullptr) {
      ASSIGN_OR_RETURN(texts, map_texts(*nested, source, name));
    } else if (const auto* list = node.as_array()) {
      for (const toml::node& item : *list) {
        ASSIGN_OR_RETURN(texts.emplace_back(), text_of(item, source, name));
      }
    } else {
      ASSIGN_OR_RETURN(texts.emplace_back(), text_of(node, source, name));
    }
    RETURN_IF_ERROR(apply(loaded, source, name, texts));
  }
  return {};
}

Result<void> apply_file(LoadedSettings& loaded, const std::string& path) {
  try {
    return apply_table(loaded, path, toml::parse_file(path), "");
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kInvalidRequest, path + ": line " +
                                                std::to_string(error.source().begin.line) + ": " +
                                                std::string(error.description()));
  }
}

Result<void> check_together(const Settings& settings) {
  if (settings.tls_certificate_file.empty() != settings.tls_key_file.empty()) {
    return fail(ErrorCode::kInvalidRequest,
                "tls.certificate_file and tls.key_file only make sense together");
  }
  if (settings.journal_segment_bytes * 4 > settings.journal_bytes_max) {
    return fail(ErrorCode::kInvalidRequest,
                "storage.journal_bytes_max must be at least four segments "
                "(storage.journal_segment_bytes)");
  }
  return {};
}

}  // namespace

std::string environment_name(std::string_view setting) {
  std::string name = "FERRY_" + std::string(setting);
  std::ranges::transform(name, name.begin(), [](char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '.' ? '_' : c;
  });
  return name;
}

Result<LoadedSettings> load_settings_with_texts(Settings base, const ConfigSources& sources) {
  LoadedSettings loaded{std::move(base), {}};
  if (!sources.file.empty()) RETURN_IF_ERROR(apply_file(loaded, sources.file));
  for (const SettingInfo& info : setting_table()) {
    const std::string variable = environment_name(info.name);
    const char* text = sources.environment ? sources.environment(variable.c_str()) : nullptr;
    if (text != nullptr) RETURN_IF_ERROR(apply(loaded, variable, info.name, {text}));
  }
  for (const auto& [name, texts] : sources.flags) {
    RETURN_IF_ERROR(apply(loaded, "--" + name, name, texts));
  }
  RETURN_IF_ERROR(check_together(loaded.settings));
  return loaded;
}

Result<Settings> load_settings(Settings base, const ConfigSources& sources) {
  ASSIGN_OR_RETURN(LoadedSettings loaded, load_settings_with_texts(std::move(base), sources));
  return std::move(loaded.settings);
}

std::string settings_page() {
  std::string page =
      "# Settings\n\n"
      "Generated from the table in `src/app/config_table.cc`; `ferry config page` prints it.\n\n"
      "A setting is a key of the TOML file given with `--config` or `FERRY_CONFIG`, an "
      "environment\n"
      "variable, or a flag (`--` and its name). Later sources win: defaults, file, environment,\n"
      "flags. All of them are read at start; only the TLS files are read again, on SIGHUP.\n\n"
      "The byte budgets that are `auto` are parts of `memory`: reading 3/16, inbox 1/16, bodies\n"
      "of deliveries 1/8, answers 1/8, tail 1/16. Where `memory` is `auto`, it is the limit of\n"
      "the control group, else the memory of the machine, at most 2 GB. `ferry config show`\n"
      "prints the values in effect.\n\n"
      "| setting | environment | kind | default | bounds | meaning |\n|---|---|---|---|---|---|\n";
  for (const SettingInfo& info : setting_table()) {
    const std::string fallback =
        info.fallback.empty() ? "" : "`" + std::string(info.fallback) + "`";
    page += "| `" + std::string(info.name) + "` | `" + environment_name(info.name) + "` | " +
            std::string(info.kind) + " | " + fallback + " | " + std::string(info.bounds) + " | " +
            std::string(info.prose) + " |\n";
  }
  return page;
}

}  // namespace ferry::app
