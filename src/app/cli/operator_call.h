#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"
#include "base/json.h"

// Subcommands that are commands of the operator (operator_commands.h): they ask the server that
// has the data folder open, or, when none has, open the store for this one command.

namespace ferry::app::cli {

enum class ArgumentKind : std::uint8_t { kText, kFlag, kPath };

struct OperatorArgument {
  std::string flag;  // "--note", or "name" for a required one without dashes
  std::string name;  // as the command calls it
  std::string prose;
  ArgumentKind kind = ArgumentKind::kText;
};

struct OperatorSubcommand {
  std::string word;     // on the command line
  std::string command;  // what is asked for
  std::string prose;
  std::vector<OperatorArgument> arguments;
  void (*print)(const JsonValue& answer);  // for people; `--json` prints the answer itself
  bool makes_folder = false;               // may be the first command ever on a data folder
};

void add_operator_subcommand(Command parent, OperatorSubcommand subcommand);

// A member of an answer as a text: numbers in decimal, "-" when it is absent.
std::string member_text(const JsonValue& object, std::string_view name);

}  // namespace ferry::app::cli
