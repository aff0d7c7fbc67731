#pragma once

#include <string>

#include "app/config.h"

namespace ferry::app {

// What `ferry config show` prints: a line of TOML for each setting with the value in effect, after
// with_memory_budgets(). What may hold a secret is shown as "(hidden)".
std::string shown_settings(const LoadedSettings& loaded);

}  // namespace ferry::app
