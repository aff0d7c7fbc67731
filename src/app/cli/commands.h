#pragma once

namespace CLI {
class App;
}

// The families of subcommands. Each adds its own to `ferry`; when one of them is run it leaves the
// exit code of the process in `exit_code`, which outlives the parsing.

namespace ferry::app::cli {

void add_server_commands(CLI::App& ferry, int& exit_code);      // serve, dev, config
void add_tenant_commands(CLI::App& ferry, int& exit_code);      // tenant ...
void add_operation_commands(CLI::App& ferry, int& exit_code);   // pause, resume, status, backup
void add_folder_commands(CLI::App& ferry, int& exit_code);      // check, restore
void add_receive_command(CLI::App& ferry, int& exit_code);      // receive
void add_connection_commands(CLI::App& ferry, int& exit_code);  // connections test
void add_health_command(CLI::App& ferry, int& exit_code);       // health

}  // namespace ferry::app::cli
