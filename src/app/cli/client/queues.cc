// queues list, get, create, pause, resume, delete.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/named_things.h"
#include "base/json_writer.h"

namespace ferry::app::cli {
namespace {

constexpr auto kColumns = std::to_array<Column>({
    {"QUEUE", "name"},
    {"PARALLELISM", "parallelism"},
    {"PAUSED", "paused"},
    {"LAG", "lag"},
    {"UPDATED", "updatedAt"},
});

constexpr NamedThings kQueues{
    .path = "/v2/queues", .one = "queue", .columns = kColumns, .pause_method = "POST"};

struct Creation {
  std::string name;
  std::int64_t parallelism = 0;  // 0: not given
  std::optional<bool> paused;
};

std::string creation_body(const Creation& creation) {
  JsonWriter json;
  json.begin_object().field("queueName", creation.name);
  if (creation.parallelism > 0) json.field("parallelism", creation.parallelism);
  if (creation.paused) json.field("paused", *creation.paused);
  json.end_object();
  return std::move(json).take();
}

CallResult<void> create(Session& session, const Creation& creation) {
  return session.carry_out({.method = "POST",
                            .target = std::string(kQueues.path),
                            .headers = {{"Content-Type", "application/json"}},
                            .body = Bytes::take(creation_body(creation))},
                           "queue " + creation.name + " is set up");
}

void add_create(Command queues, const ClientPlacePtr& place) {
  const auto creation = std::make_shared<Creation>();
  Command command =
      add_client_command(queues, place, "create", "Set a queue up, or change one",
                         [creation](Session& session) { return create(session, *creation); });
  command.add_option("name", creation->name, "Of the queue").required();
  command.add_option("--parallelism", creation->parallelism, "Messages under way at a time [1]")
      .positive();
  const auto keep = [creation](bool paused) { creation->paused = paused; };
  command.add_flag("--paused,!--running", keep, "Whether it rests [as it is]");
}

}  // namespace

void add_queue_commands(Command ferry, const ClientPlacePtr& place) {
  Command queues = ferry.add_noun("queues", "Queues: messages in order");
  add_list_command(queues, place, kQueues, "All queues");
  add_get_command(queues, place, kQueues);
  add_create(queues, place);
  add_pause_commands(queues, place, kQueues);
  add_delete_command(queues, place, kQueues, "Delete a queue and cancel what it holds");
}

}  // namespace ferry::app::cli
