#pragma once

#include <cstdint>
#include <string>

#include "app/cli/command.h"

namespace ferry::app::cli {

enum class Shell : std::uint8_t { kBash, kZsh, kFish };

// A script that makes the shell complete the subcommands and flags of `root`, to be read by it at
// start-up. All of it is in the script: completing does not run the program.
std::string completion_script(const Command& root, Shell shell);

}  // namespace ferry::app::cli
