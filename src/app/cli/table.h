#pragma once

#include <string>
#include <vector>

namespace ferry::app::cli {

// Rows of one length, the first the heading, as lines with columns two blanks apart.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace ferry::app::cli
