// serve, dev and config: what starts from the settings.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/serve.h"
#include "app/cli/setting_flags.h"

namespace ferry::app::cli {
namespace {

// What `ferry dev` knows besides the settings.
struct DevelopmentFlags {
  SettingFlags settings;
  std::uint16_t port = 0;
  std::uint16_t log_port = 0;
  std::string quota;
};

int serve_with(Settings base, const SettingFlags& flags) {
  auto settings = settings_from(std::move(base), flags);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  return serve(std::move(*settings));
}

int run_dev(const DevelopmentFlags& flags) {
  Settings base = development_settings();
  if (flags.port != 0) base.listen_port = flags.port;
  base.log_port = flags.log_port;
  return serve_with(std::move(base), flags.settings);
}

int check_config(const SettingFlags& flags) {
  const auto settings = settings_from({}, flags);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  std::puts("The configuration is sound.");
  return kDone;
}

void add_dev(CLI::App& ferry, int& exit_code) {
  CLI::App* dev =
      ferry.add_subcommand("dev", "Run a server for local development, with well-known tokens");
  const auto flags = std::make_shared<DevelopmentFlags>();
  add_setting_flags(*dev, flags->settings);
  dev->add_option("--port", flags->port, "Port of the API")->envname("QSTASH_DEV_PORT");
  dev->add_option("--log-port", flags->log_port, "Second port with the same API")
      ->envname("QSTASH_DEV_LOG_PORT");
  dev->add_option("--quota", flags->quota, "Taken for compatibility; this server has no plans")
      ->envname("QSTASH_DEV_QUOTA")
      ->check(CLI::IsMember({"payg", "pro"}));
  dev->callback([flags, &exit_code] { exit_code = run_dev(*flags); });
}

}  // namespace

void add_server_commands(CLI::App& ferry, int& exit_code) {
  CLI::App* serve_command = ferry.add_subcommand("serve", "Run the server");
  const auto serve_flags = std::make_shared<SettingFlags>();
  add_setting_flags(*serve_command, *serve_flags);
  serve_command->callback([serve_flags, &exit_code] { exit_code = serve_with({}, *serve_flags); });

  add_dev(ferry, exit_code);

  CLI::App* config = ferry.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Read all sources and say what is wrong");
  const auto check_flags = std::make_shared<SettingFlags>();
  add_setting_flags(*check, *check_flags);
  check->callback([check_flags, &exit_code] { exit_code = check_config(*check_flags); });
  config->add_subcommand("page", "Print the page of all settings")->callback([] {
    std::fputs(settings_page().c_str(), stdout);
  });
}

}  // namespace ferry::app::cli
