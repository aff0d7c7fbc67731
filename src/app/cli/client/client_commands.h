#pragma once

#include "app/cli/client/client_command.h"

// The client commands, a noun each.

namespace ferry::app::cli {

void add_publish_commands(Command ferry, const ClientPlacePtr& place);  // publish, enqueue
void add_message_commands(Command ferry, const ClientPlacePtr& place);
void add_queue_commands(Command ferry, const ClientPlacePtr& place);
void add_group_commands(Command ferry, const ClientPlacePtr& place);
void add_schedule_commands(Command ferry, const ClientPlacePtr& place);
void add_dead_letter_commands(Command ferry, const ClientPlacePtr& place);
void add_log_command(Command ferry, const ClientPlacePtr& place);
void add_flow_commands(Command ferry, const ClientPlacePtr& place);
void add_function_commands(Command ferry, const ClientPlacePtr& place);
void add_key_commands(Command ferry, const ClientPlacePtr& place);
void add_completion_command(Command ferry, const ClientPlacePtr& place);

// All of them, as commands of `ferry`.
void add_client_commands(Command ferry, const ClientPlacePtr& place);

}  // namespace ferry::app::cli
