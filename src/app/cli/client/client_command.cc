#include "app/cli/client/client_command.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

struct ClientFlags {
  ServerAddress server{.url = "http://127.0.0.1:8080", .token = {}, .ca_file = {}};
  bool json = false;
};

void add_flags(CLI::App& command, ClientFlags& flags) {
  const char* group = "Server";
  command.add_option("--url", flags.server.url, "Of the server [http://127.0.0.1:8080]")
      ->envname("QSTASH_URL")
      ->group(group);
  command.add_option("--token", flags.server.token, "Who calls")
      ->envname("QSTASH_TOKEN")
      ->group(group);
  command.add_option("--ca-file", flags.server.ca_file, "CAs to trust besides the system's (PEM)")
      ->group(group);
  command.add_flag("--json", flags.json, "Print the server's answer as it is")->group(group);
}

CallResult<void> run_once(const ClientPlace& place, const ClientFlags& flags,
                          const RunCommand& run) {
  ASSIGN_OR_RETURN(Connection connection, Connection::open(flags.server));
  Session session(std::move(connection), place.console, {.json = flags.json, .now = place.now()});
  return run(session);
}

}  // namespace

CLI::App& add_client_command(CLI::App& parent, const ClientPlacePtr& place, std::string word,
                             std::string prose, RunCommand run) {
  CLI::App* command = parent.add_subcommand(std::move(word), std::move(prose));
  const auto flags = std::make_shared<ClientFlags>();
  add_flags(*command, *flags);
  command->callback([place, flags, run = std::move(run)] {
    const auto ran = run_once(*place, *flags, run);
    place->exit_code = ran ? kDone : ran.error().exit_code;
    if (!ran && !ran.error().text.empty()) place->console.tell(ran.error().text);
    std::fflush(place->console.out);
  });
  return *command;
}

CLI::App& add_noun(CLI::App& parent, std::string word, std::string prose) {
  CLI::App* noun = parent.add_subcommand(std::move(word), std::move(prose));
  noun->require_subcommand(1);
  return *noun;
}

CLI::Option& add_repeated(CLI::App& command, std::string flag, std::vector<std::string>& values,
                          std::string prose) {
  CLI::Option* option = command.add_option(std::move(flag), values, std::move(prose));
  // Without these the option would swallow the arguments behind its value.
  return *option->expected(1)->allow_extra_args(false)->take_all();
}

}  // namespace ferry::app::cli
