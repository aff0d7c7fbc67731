// serve, dev and config: what starts from the settings.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/serve.h"
#include "app/cli/setting_flags.h"
#include "app/shown_settings.h"

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

int show_config(const SettingFlags& flags) {
  const auto loaded = settings_with_texts({}, flags);
  if (!loaded) {
    report(loaded.error());
    return kNotUnderstood;
  }
  std::fputs(shown_settings(*loaded).c_str(), stdout);
  return kDone;
}

int print_settings_page() {
  std::fputs(settings_page().c_str(), stdout);
  return kDone;
}

void add_serve(Command ferry) {
  const auto flags = std::make_shared<SettingFlags>();
  Command command =
      ferry.add_command("serve", "Run the server", [flags] { return serve_with({}, *flags); });
  add_setting_flags(command, *flags);
}

void add_dev(Command ferry) {
  const auto flags = std::make_shared<DevelopmentFlags>();
  Command command =
      ferry.add_command("dev", "Run a server for local development, with well-known tokens",
                        [flags] { return run_dev(*flags); });
  add_setting_flags(command, flags->settings);
  command.add_option("--port", flags->port, "Port of the API").or_environment("QSTASH_DEV_PORT");
  command.add_option("--log-port", flags->log_port, "Second port with the same API")
      .or_environment("QSTASH_DEV_LOG_PORT");
  command.add_option("--quota", flags->quota, "Taken for compatibility; this server has no plans")
      .or_environment("QSTASH_DEV_QUOTA")
      .one_of({"payg", "pro"});
}

void add_config(Command ferry) {
  Command config = ferry.add_noun("config", "Look at the configuration");
  const auto flags = std::make_shared<SettingFlags>();
  Command check = config.add_command("check", "Read all sources and say what is wrong",
                                     [flags] { return check_config(*flags); });
  add_setting_flags(check, *flags);
  Command show = config.add_command("show", "Print every setting with the value in effect",
                                    [flags] { return show_config(*flags); });
  add_setting_flags(show, *flags);
  config.add_command("page", "Print the page of all settings", print_settings_page);
}

}  // namespace

void add_server_commands(Command ferry) {
  add_serve(ferry);
  add_dev(ferry);
  add_config(ferry);
}

}  // namespace ferry::app::cli
