#include "app/cli/client/client_command.h"

#include <utility>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

struct ClientFlags {
  ServerAddress server{.url = "http://127.0.0.1:8080", .token = {}, .ca_file = {}};
  bool json = false;
};

void add_flags(Command command, ClientFlags& flags) {
  const char* group = "Server";
  command.add_option("--url", flags.server.url, "Of the server [http://127.0.0.1:8080]")
      .or_environment("QSTASH_URL")
      .under(group);
  command.add_option("--token", flags.server.token, "Who calls")
      .or_environment("QSTASH_TOKEN")
      .under(group);
  command.add_option("--ca-file", flags.server.ca_file, "CAs to trust besides the system's (PEM)")
      .under(group);
  command.add_flag("--json", flags.json, "Print the server's answer as it is").under(group);
}

CallResult<void> run_once(const ClientPlace& place, const ClientFlags& flags,
                          const RunCommand& run) {
  ASSIGN_OR_RETURN(Connection connection, Connection::open(flags.server));
  Session session(std::move(connection), place.console, {.json = flags.json, .now = place.now()});
  return run(session);
}

}  // namespace

Command add_client_command(Command parent, const ClientPlacePtr& place, std::string word,
                           std::string prose, RunCommand run) {
  const auto flags = std::make_shared<ClientFlags>();
  Command command =
      parent.add_command(std::move(word), std::move(prose), [place, flags, run = std::move(run)] {
        const auto ran = run_once(*place, *flags, run);
        if (!ran && !ran.error().text.empty()) place->console.tell(ran.error().text);
        std::fflush(place->console.out);
        return ran ? kDone : ran.error().exit_code;
      });
  add_flags(command, *flags);
  return command;
}

}  // namespace ferry::app::cli
