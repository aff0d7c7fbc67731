#pragma once

namespace ferry::app::cli {

// The whole command line: reads it, runs the command, returns the exit code of the process
// (0 done, 1 failed, 2 not understood).
int run_command_line(int argc, char** argv);

}  // namespace ferry::app::cli
