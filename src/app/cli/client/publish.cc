// publish, enqueue: hand a message to the server.

#include <memory>
#include <utility>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/publish_flags.h"
#include "app/cli/client/shown.h"
#include "app/cli/client/target.h"

namespace ferry::app::cli {
namespace {

struct Publication {
  PublishFlags flags;
  std::string queue;
  std::string destination;
};

// Ids alone on standard output, for scripts; what is remarkable about one on standard error.
std::string id_line(const Console& console, const JsonValue& accepted) {
  if (!accepted.find("messageId")) return cell_text(accepted, "scheduleId") + "\n";
  const std::string id = cell_text(accepted, "messageId");
  if (accepted.find("deduplicated")) console.tell(id + " is there already; nothing new was sent");
  return id + "\n";
}

std::string id_lines(const Console& console, const JsonValue& answer) {
  if (answer.kind() != JsonKind::kArray) return id_line(console, answer);
  std::string lines;
  for (std::size_t i = 0; i < answer.size(); ++i) lines += id_line(console, answer.element(i));
  return lines;
}

CallResult<void> publish(Session& session, const Publication& publication) {
  ASSIGN_OR_RETURN(HeaderList headers, publication.flags.headers(session.now()));
  ASSIGN_OR_RETURN(Bytes body, publication.flags.body(session.console().in));
  std::string target = "/v2/publish";
  if (!publication.queue.empty()) {
    target = std::move(Target("/v2/enqueue").segment(publication.queue)).take();
  }
  // The destination stands in the target as it is (contract section 2.2).
  return session.show(
      {.method = "POST",
       .target = target + "/" + publication.destination,
       .headers = std::move(headers),
       .body = std::move(body)},
      [&session](const JsonValue& answer) { return id_lines(session.console(), answer); });
}

Command add_command(Command ferry, const ClientPlacePtr& place, const char* word, const char* prose,
                    const std::shared_ptr<Publication>& publication) {
  return add_client_command(ferry, place, word, prose, [publication](Session& session) {
    return publish(session, *publication);
  });
}

void add_destination(Command command, Publication& publication) {
  command.add_option("destination", publication.destination, "A URL, or the name of a URL group")
      .required()
      .check([](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); });
  publication.flags.add_flags(command);
}

}  // namespace

void add_publish_commands(Command ferry, const ClientPlacePtr& place) {
  const auto direct = std::make_shared<Publication>();
  Command publish_command = add_command(ferry, place, "publish", "Send a message", direct);
  add_destination(publish_command, *direct);
  publish_command.add_option("--queue", direct->queue, "Through this queue");

  const auto queued = std::make_shared<Publication>();
  Command enqueue_command =
      add_command(ferry, place, "enqueue", "Send a message through a queue", queued);
  enqueue_command.add_option("queue", queued->queue, "Made when it is not there yet").required();
  add_destination(enqueue_command, *queued);
}

}  // namespace ferry::app::cli
