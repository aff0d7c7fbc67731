// schedules create, list, get, pause, resume, delete.

#include <array>
#include <memory>
#include <utility>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/named_things.h"
#include "app/cli/client/publish_flags.h"

namespace ferry::app::cli {
namespace {

constexpr auto kColumns = std::to_array<Column>({
    {"SCHEDULE", "scheduleId"},
    {"CRON", "cron"},
    {"PAUSED", "isPaused"},
    {"LAST", "lastScheduleTime"},
    {"NEXT", "nextScheduleTime"},
    {"METHOD", "method"},
    {"DESTINATION", "destination"},
    {"QUEUE", "queueName"},
    {"ERROR", "error"},
});

constexpr NamedThings kSchedules{
    .path = "/v2/schedules", .one = "schedule", .columns = kColumns, .pause_method = "PATCH"};

struct Creation {
  PublishFlags flags;
  std::string destination;
  std::string cron;
  std::string id;
  std::string queue;
};

CallResult<void> create(Session& session, const Creation& creation) {
  ASSIGN_OR_RETURN(HeaderList headers, creation.flags.headers(session.now()));
  ASSIGN_OR_RETURN(Bytes body, creation.flags.body(session.console().in));
  headers.add("Upstash-Cron", creation.cron);
  if (!creation.id.empty()) headers.add("Upstash-Schedule-Id", creation.id);
  if (!creation.queue.empty()) headers.add("Upstash-Queue-Name", creation.queue);
  return session.show(
      {.method = "POST",
       .target = std::string(kSchedules.path) + "/" + creation.destination,
       .headers = std::move(headers),
       .body = std::move(body)},
      [](const JsonValue& answer) { return cell_text(answer, "scheduleId") + "\n"; });
}

void add_create(Command schedules, const ClientPlacePtr& place) {
  const auto creation = std::make_shared<Creation>();
  Command command =
      add_client_command(schedules, place, "create", "Make a schedule, or replace one by its id",
                         [creation](Session& session) { return create(session, *creation); });
  command.add_option("destination", creation->destination, "A URL, or the name of a URL group")
      .required();
  command.add_option("--cron", creation->cron, "Such as '0 9 * * MON' or '@every 5m'; UTC")
      .required();
  command.add_option("--id", creation->id, "Of the schedule [made by the server]");
  command.add_option("--queue", creation->queue, "Through this queue");
  creation->flags.add_flags(command);
}

}  // namespace

void add_schedule_commands(Command ferry, const ClientPlacePtr& place) {
  Command schedules = ferry.add_noun("schedules", "Schedules: recurring messages");
  add_create(schedules, place);
  add_list_command(schedules, place, kSchedules, "All schedules");
  add_get_command(schedules, place, kSchedules);
  add_pause_commands(schedules, place, kSchedules);
  add_delete_command(schedules, place, kSchedules, "Delete a schedule; messages under way go on");
}

}  // namespace ferry::app::cli
