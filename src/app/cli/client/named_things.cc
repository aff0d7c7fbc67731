#include "app/cli/client/named_things.h"

#include <memory>
#include <utility>

#include "app/cli/client/target.h"

namespace ferry::app::cli {
namespace {

using RunOnName = std::function<CallResult<void>(Session& session, const std::string& name)>;

void add_name_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                      const char* word, std::string prose, RunOnName run) {
  const auto name = std::make_shared<std::string>();
  Command command = add_client_command(
      noun, place, word, std::move(prose),
      [name, run = std::move(run)](Session& session) { return run(session, *name); });
  command.add_option("name", *name, "Of the " + std::string(things.one)).required();
}

std::string done_text(const NamedThings& things, const std::string& name, const char* done) {
  return std::string(things.one) + " " + name + " is " + done;
}

void add_pause_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                       const char* word, const char* prose, const char* done) {
  const auto run = [things, word, done](Session& session, const std::string& name) {
    return session.carry_out(
        {.method = std::string(things.pause_method),
         .target = std::move(Target(things.path).segment(name).segment(word)).take()},
        done_text(things, name, done));
  };
  add_name_command(noun, place, things, word, prose, run);
}

}  // namespace

void add_list_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                      std::string prose) {
  add_client_command(noun, place, "list", std::move(prose), [things](Session& session) {
    return session.show(
        {.method = "GET", .target = std::string(things.path)},
        [things](const JsonValue& rows) { return list_text(things.columns, rows); });
  });
}

void add_get_command(Command noun, const ClientPlacePtr& place, const NamedThings& things) {
  const auto run = [things](Session& session, const std::string& name) {
    return session.show(
        {.method = "GET", .target = std::move(Target(things.path).segment(name)).take()},
        record_text);
  };
  add_name_command(noun, place, things, "get", "Show one " + std::string(things.one), run);
}

void add_pause_commands(Command noun, const ClientPlacePtr& place, const NamedThings& things) {
  add_pause_command(noun, place, things, "pause", "Start nothing new", "paused");
  add_pause_command(noun, place, things, "resume", "Go on", "resumed");
}

void add_delete_command(Command noun, const ClientPlacePtr& place, const NamedThings& things,
                        std::string prose) {
  const auto run = [things](Session& session, const std::string& name) {
    return session.carry_out(
        {.method = "DELETE", .target = std::move(Target(things.path).segment(name)).take()},
        done_text(things, name, "deleted"));
  };
  add_name_command(noun, place, things, "delete", std::move(prose), run);
}

}  // namespace ferry::app::cli
