#include "app/cli/client/client_commands.h"

namespace ferry::app::cli {

void add_client_commands(Command ferry, const ClientPlacePtr& place) {
  add_publish_commands(ferry, place);
  add_message_commands(ferry, place);
  add_queue_commands(ferry, place);
  add_group_commands(ferry, place);
  add_schedule_commands(ferry, place);
  add_dead_letter_commands(ferry, place);
  add_log_command(ferry, place);
  add_flow_commands(ferry, place);
  add_function_commands(ferry, place);
  add_key_commands(ferry, place);
  add_completion_command(ferry, place);
}

}  // namespace ferry::app::cli
