#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/client/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ferry::app::cli {

// Where client commands run. Outlives the parsing of the command line.
struct ClientPlace {
  Console console;
  int& exit_code;
  std::function<TimePoint()> now;
};
using ClientPlacePtr = std::shared_ptr<const ClientPlace>;

using RunCommand = std::function<CallResult<void>(Session& session)>;

// A subcommand that calls a server: `--url`, `--token`, `--ca-file`, `--json`, and `run` as what it
// does. What `run` fails with is told on standard error and becomes the exit code.
CLI::App& add_client_command(CLI::App& parent, const ClientPlacePtr& place, std::string word,
                             std::string prose, RunCommand run);

// A group of subcommands of one noun.
CLI::App& add_noun(CLI::App& parent, std::string word, std::string prose);

// An option that may be given several times, one value each time.
CLI::Option& add_repeated(CLI::App& command, std::string flag, std::vector<std::string>& values,
                          std::string prose);

}  // namespace ferry::app::cli
