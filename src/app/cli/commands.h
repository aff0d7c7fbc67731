#pragma once

#include "app/cli/command.h"

// The families of commands. Each adds its own to `ferry`.

namespace ferry::app::cli {

void add_server_commands(Command ferry);      // serve, dev, config
void add_tenant_commands(Command ferry);      // tenant ...
void add_operation_commands(Command ferry);   // pause, resume, status, backup
void add_folder_commands(Command ferry);      // check, restore
void add_receive_command(Command ferry);      // receive
void add_connection_commands(Command ferry);  // connections test
void add_health_command(Command ferry);       // health

}  // namespace ferry::app::cli
