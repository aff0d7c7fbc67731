#pragma once

namespace ferry::app::cli {

// The whole command line: reads it, runs the command, returns the exit code of the process
// (exit_codes.h).
int run_command_line(int argc, char** argv);

}  // namespace ferry::app::cli
