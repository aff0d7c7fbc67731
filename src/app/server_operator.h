#pragma once

#include "app/operator_commands.h"
#include "app/server.h"

namespace ferry::app {

// The operator's commands on a running server. Refers to it; any thread but the server's own.
Operator operator_of(Server& server);

}  // namespace ferry::app
