#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/cli/client/client_command.h"
#include "app/cli/client/shown.h"

namespace ferry::app::cli {

// What queues, URL groups, schedules and flow keys have alike on the command line: things with a
// name, listed whole by the server. A value of this type is a constant of the noun's file.
struct NamedThings {
  std::string_view path;  // of the list; one thing is a segment behind it
  std::string_view one;   // "queue"
  std::span<const Column> columns;
  std::string_view pause_method;  // of pause and resume
};

void add_list_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                      std::string prose);
void add_get_command(Command noun, const ClientPlacePtr& place, const NamedThings& things);
void add_pause_commands(Command noun, const ClientPlacePtr& place, const NamedThings& things);
void add_delete_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                        std::string prose);

}  // namespace ferry::app::cli
