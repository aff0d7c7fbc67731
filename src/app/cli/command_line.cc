#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/serve.h"
#include "app/config.h"

namespace ferry::app::cli {
namespace {

constexpr int kNotUnderstood = 2;

// Flags named after settings, and what the command line gave for them.
struct SettingFlags {
  std::string config_file;
  std::map<std::string, SettingTexts> given;
};

void add_setting_flags(CLI::App& command, SettingFlags& flags) {
  command.add_option("--config", flags.config_file, "TOML file with settings");
  for (const SettingInfo& info : setting_table()) {
    const std::string name(info.name);
    const auto keep = [&flags, name](const CLI::results_t& values) {
      flags.given[name] = values;
      return true;
    };
    std::string prose(info.prose);
    if (!info.fallback.empty()) prose += " [" + std::string(info.fallback) + "]";
    if (info.kind == "flag") {
      const auto flag = [&flags, name](std::int64_t count) {
        flags.given[name] = {count > 0 ? "true" : "false"};
      };
      command.add_flag_function("--" + name, flag, prose);
    } else {
      command.add_option("--" + name, keep, prose);
    }
  }
}

Result<Settings> settings_from(Settings base, const SettingFlags& flags) {
  return load_settings(std::move(base), {.file = flags.config_file,
                                         .environment = [](const char* name) -> const char* {
                                           return std::getenv(name);
                                         },
                                         .flags = flags.given});
}

int serve_with(Settings base, const SettingFlags& flags) {
  auto settings = settings_from(std::move(base), flags);
  if (!settings) {
    std::fprintf(stderr, "ferry: %s\n", settings.error().text.c_str());
    return kNotUnderstood;
  }
  return serve(std::move(*settings));
}

// The cloud tool's development flags have one dash and may hold their value behind "=".
std::vector<std::string> rewrite_development_flags(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    for (const char* name : {"-port", "-log-port", "-quota"}) {
      const std::string flag = name;
      if (argument == flag || argument.starts_with(flag + "=")) argument.insert(0, "-");
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

// What `ferry dev` knows besides the settings.
struct DevelopmentFlags {
  std::uint16_t port = 0;
  std::uint16_t log_port = 0;
  std::string quota;
};

void add_development_flags(CLI::App& dev, DevelopmentFlags& flags) {
  dev.add_option("--port", flags.port, "Port of the API")->envname("QSTASH_DEV_PORT");
  dev.add_option("--log-port", flags.log_port, "Second port with the same API")
      ->envname("QSTASH_DEV_LOG_PORT");
  dev.add_option("--quota", flags.quota, "Taken for compatibility; this server has no plans")
      ->envname("QSTASH_DEV_QUOTA")
      ->check(CLI::IsMember({"payg", "pro"}));
}

int run_dev(const DevelopmentFlags& dev, SettingFlags& flags) {
  Settings base = development_settings();
  if (dev.port != 0) base.listen_port = dev.port;
  base.log_port = dev.log_port;
  return serve_with(std::move(base), flags);
}

int check_config(const SettingFlags& flags) {
  const auto settings = settings_from({}, flags);
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().text.c_str());
    return kNotUnderstood;
  }
  std::puts("The configuration is sound.");
  return 0;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App ferry{"Ferry: durable HTTP message delivery"};
  ferry.require_subcommand(1);
  int exit_code = 0;
  SettingFlags serve_flags, dev_flags, check_flags;
  DevelopmentFlags development;

  CLI::App* serve_command = ferry.add_subcommand("serve", "Run the server");
  add_setting_flags(*serve_command, serve_flags);
  serve_command->callback([&] { exit_code = serve_with({}, serve_flags); });

  CLI::App* dev_command =
      ferry.add_subcommand("dev", "Run a server for local development, with well-known tokens");
  add_setting_flags(*dev_command, dev_flags);
  add_development_flags(*dev_command, development);
  dev_command->callback([&] { exit_code = run_dev(development, dev_flags); });

  CLI::App* config = ferry.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Read all sources and say what is wrong");
  add_setting_flags(*check, check_flags);
  check->callback([&] { exit_code = check_config(check_flags); });
  config->add_subcommand("page", "Print the page of all settings")->callback([] {
    std::fputs(settings_page().c_str(), stdout);
  });

  ferry.add_subcommand("version", "Print the version")->callback([] { std::puts(FERRY_VERSION); });

  std::vector<std::string> arguments = rewrite_development_flags(argc, argv);
  std::ranges::reverse(arguments);  // CLI11 takes them last first
  try {
    ferry.parse(arguments);
  } catch (const CLI::ParseError& error) {
    const int code = ferry.exit(error);
    return code == 0 ? 0 : kNotUnderstood;
  }
  return exit_code;
}

}  // namespace ferry::app::cli
