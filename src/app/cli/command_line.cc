#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/development_flags.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {

int run_command_line(int argc, char** argv) {
  CLI::App ferry{"Ferry: durable HTTP message delivery", "ferry"};
  ferry.footer("Exit codes: 0 done, 1 failed, 2 the command line or a setting was not understood.");
  ferry.require_subcommand(1);
  int exit_code = kDone;
  add_server_commands(ferry, exit_code);
  add_tenant_commands(ferry, exit_code);
  add_operation_commands(ferry, exit_code);
  add_folder_commands(ferry, exit_code);
  add_receive_command(ferry, exit_code);
  add_health_command(ferry, exit_code);
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
