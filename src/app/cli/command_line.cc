#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/client/client_commands.h"
#include "app/cli/commands.h"
#include "app/cli/development_flags.h"
#include "app/cli/exit_codes.h"
#include "app/clock.h"

namespace ferry::app::cli {
namespace {

ClientPlacePtr client_place(int& exit_code) {
  return std::make_shared<const ClientPlace>(ClientPlace{
      .console = make_console(), .exit_code = exit_code, .now = [] { return Clock().now(); }});
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App ferry{"Ferry: durable HTTP message delivery", "ferry"};
  ferry.footer(
      "Exit codes: 0 done, 1 failed or refused, 2 the command line or a setting was not "
      "understood, "
      "3 the server cannot be reached, 4 the server does not know it, 130 interrupted.");
  ferry.require_subcommand(1);
  int exit_code = kDone;
  add_server_commands(ferry, exit_code);
  add_tenant_commands(ferry, exit_code);
  add_operation_commands(ferry, exit_code);
  add_folder_commands(ferry, exit_code);
  add_receive_command(ferry, exit_code);
  add_connection_commands(ferry, exit_code);
  add_health_command(ferry, exit_code);
  add_client_commands(ferry, client_place(exit_code));
  ferry.add_subcommand("version", "Print the version")->callback([] { std::puts(FERRY_VERSION); });

  std::vector<std::string> arguments = rewrite_development_flags({argv + 1, argv + argc});
  std::ranges::reverse(arguments);  // CLI11 takes them last first
  try {
    ferry.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return ferry.exit(error) == 0 ? kDone : kNotUnderstood;
  }
  return exit_code;
}

}  // namespace ferry::app::cli
