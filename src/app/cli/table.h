#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ferry::app::cli {

using TableRows = std::vector<std::vector<std::string>>;

// Rows of one length, the first the heading, as lines with columns two blanks apart.
std::string format_table(const TableRows& rows);

// The same for a table in parts: `widths` (of the columns, in characters; empty at first) only ever
// grow, and a later part is as wide as the earlier ones.
std::string format_table(const TableRows& rows, std::vector<std::size_t>& widths);

}  // namespace ferry::app::cli
