#include "app/cli/command_line.h"

#include <cstdio>
#include <memory>

#include "app/cli/client/client_commands.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/development_flags.h"
#include "app/cli/exit_codes.h"
#include "app/clock.h"

namespace ferry::app::cli {
namespace {

int print_version() {
  std::puts(FERRY_VERSION);
  return kDone;
}

ClientPlacePtr client_place() {
  return std::make_shared<const ClientPlace>(
      ClientPlace{.console = make_console(), .now = [] { return Clock().now(); }});
}

void add_all_commands(Command ferry) {
  add_server_commands(ferry);
  add_tenant_commands(ferry);
  add_operation_commands(ferry);
  add_folder_commands(ferry);
  add_receive_command(ferry);
  add_connection_commands(ferry);
  add_health_command(ferry);
  add_client_commands(ferry, client_place());
  ferry.add_command("version", "Print the version", print_version);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CommandLine ferry(
      "ferry", "Ferry: durable HTTP message delivery",
      "Exit codes: 0 done, 1 failed or refused, 2 the command line or a setting was not "
      "understood, "
      "3 the server cannot be reached, 4 the server does not know it, 130 interrupted.");
  add_all_commands(ferry.root());
  const auto ran = ferry.run(rewrite_development_flags({argv + 1, argv + argc}));
  if (ran) return *ran;
  const NotRun& told = ran.error();
  std::fputs(told.text.c_str(), told.exit_code == kDone ? stdout : stderr);
  return told.exit_code;
}

}  // namespace ferry::app::cli
