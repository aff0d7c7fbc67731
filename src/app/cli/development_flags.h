#pragma once

#include <string>
#include <vector>

namespace ferry::app::cli {

// The cloud tool's development flags have one dash and may hold their value behind "=": `-port`,
// `-log-port` and `-quota` become flags with two. Everything else stays as it is.
std::vector<std::string> rewrite_development_flags(std::vector<std::string> arguments);

}  // namespace ferry::app::cli
