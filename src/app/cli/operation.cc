// pause, resume, status, backup: of a server, running or not.

#include <cstdio>
#include <string>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/operator_call.h"
#include "app/cli/table.h"

namespace ferry::app::cli {
namespace {

const OperatorArgument kTenant{
    .flag = "--tenant", .name = "tenant", .prose = "Of this tenant alone"};

void print_paused(const JsonValue& answer) {
  std::printf("Deliveries of the %s: %s.\n", member_text(answer, "of").c_str(),
              member_text(answer, "deliveries").c_str());
}

void print_status(const JsonValue& answer) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const std::string name(answer.member(i).name);
    rows.push_back({name, member_text(answer, name)});
  }
  std::fputs(format_table(rows).c_str(), stdout);
}

void print_backup(const JsonValue& answer) {
  std::printf("The backup is in %s.\n", member_text(answer, "folder").c_str());
}

}  // namespace

void add_operation_commands(Command ferry) {
  std::vector<OperatorSubcommand> subcommands{
      {.word = "pause",
       .command = "pause",
       .prose = "Let deliveries wait; messages are still accepted",
       .arguments = {kTenant},
       .print = print_paused},
      {.word = "resume",
       .command = "resume",
       .prose = "Deliver again",
       .arguments = {kTenant},
       .print = print_paused},
      {.word = "status",
       .command = "status",
       .prose = "What a server is doing, or what waits in a data folder",
       .arguments = {},
       .print = print_status},
      {.word = "backup",
       .command = "backup",
       .prose = "Copy a data folder, also of a running server",
       .arguments = {{"folder", "folder", "A new or empty folder", ArgumentKind::kPath}},
       .print = print_backup},
  };
  for (auto& subcommand : subcommands) {
    add_operator_subcommand(ferry, std::move(subcommand));
  }
}

}  // namespace ferry::app::cli
