#pragma once

#include "app/settings.h"

namespace ferry::app::cli {

// Runs a server until SIGTERM or SIGINT, then drains it. Returns the exit code of the process.
int serve(Settings settings);

// The settings that development starts from: private addresses allowed, its own data folder.
Settings development_settings();

}  // namespace ferry::app::cli
