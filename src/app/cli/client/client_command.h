#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/cli/client/session.h"
#include "app/cli/command.h"

namespace ferry::app::cli {

// Where client commands run.
struct ClientPlace {
  Console console;
  std::function<TimePoint()> now;
};
using ClientPlacePtr = std::shared_ptr<const ClientPlace>;

using RunCommand = std::function<CallResult<void>(Session& session)>;

// A command that calls a server: `--url`, `--token`, `--ca-file`, `--json`, and `run` as what it
// does. What `run` fails with is told on standard error and becomes the exit code.
Command add_client_command(Command parent, const ClientPlacePtr& place, std::string word,
                           std::string prose, RunCommand run);

}  // namespace ferry::app::cli
