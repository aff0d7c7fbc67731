#pragma once

#include <string>
#include <string_view>

#include "app/cli/client/client_command.h"
#include "app/cli/client/target.h"

namespace ferry::app::cli {

// fn invoke, stop, metrics and the list of what is kept: what is done with functions that exist.
void add_function_call_commands(Command functions, const ClientPlacePtr& place);

// A path of the Function Compute API, "/functions/{name}" and so on. A 2.0 function is
// "service$function".
Target function_target(std::string_view name);

}  // namespace ferry::app::cli
