// groups list, get, add, remove, defaults, delete: URL groups, `topics` on the wire.

#include <array>
#include <memory>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/named_things.h"
#include "app/cli/client/publish_flags.h"
#include "app/cli/client/target.h"
#include "base/json_writer.h"

namespace ferry::app::cli {
namespace {

std::string endpoints_of(const JsonValue& group) {
  const auto endpoints = group.find("endpoints");
  std::string text;
  for (std::size_t i = 0; endpoints && i < endpoints->size(); ++i) {
    const JsonValue endpoint = endpoints->element(i);
    if (!text.empty()) text += ", ";
    if (endpoint.find("name")) text += cell_text(endpoint, "name") + "=";
    text += cell_text(endpoint, "url");
  }
  return text.empty() ? "-" : text;
}

constexpr auto kColumns = std::to_array<Column>({
    {"GROUP", "name"},
    {"UPDATED", "updatedAt"},
    {"ENDPOINTS", "", endpoints_of},
});

constexpr NamedThings kGroups{
    .path = "/v2/topics", .one = "URL group", .columns = kColumns, .pause_method = {}};

struct Endpoints {
  std::string group;
  std::vector<std::string> texts;
};

bool is_url(std::string_view text) {
  return starts_with_ignore_case(text, "http://") || starts_with_ignore_case(text, "https://");
}

// "NAME=URL" or "URL"; a text without URL is a name.
void write_endpoint(JsonWriter& json, std::string_view text) {
  json.begin_object();
  const std::size_t at = is_url(text) ? std::string_view::npos : text.find('=');
  if (is_url(text)) {
    json.field("url", text);
  } else {
    json.field("name", text.substr(0, at));
    if (at != std::string_view::npos) json.field("url", text.substr(at + 1));
  }
  json.end_object();
}

ServerCall endpoints_call(const char* method, const Endpoints& endpoints) {
  JsonWriter json;
  json.begin_object().key("endpoints").begin_array();
  for (const std::string& text : endpoints.texts) write_endpoint(json, text);
  json.end_array().end_object();
  return {.method = method,
          .target =
              std::move(Target(kGroups.path).segment(endpoints.group).segment("endpoints")).take(),
          .headers = {{"Content-Type", "application/json"}},
          .body = Bytes::take(std::move(json).take())};
}

void add_endpoints_command(Command groups, const ClientPlacePtr& place, const char* word,
                           const char* prose, const char* method, const char* done,
                           const char* endpoint_prose) {
  const auto endpoints = std::make_shared<Endpoints>();
  Command command =
      add_client_command(groups, place, word, prose, [endpoints, method, done](Session& session) {
        return session.carry_out(endpoints_call(method, *endpoints),
                                 "URL group " + endpoints->group + done);
      });
  command.add_option("group", endpoints->group, "Name of the group").required();
  command.add_option("endpoint", endpoints->texts, endpoint_prose).required();
}

struct Defaults {
  std::string group;
  HeaderList headers;
};

ServerCall defaults_call(const Defaults& defaults) {
  JsonWriter json;
  json.begin_object().key("headers").begin_object();
  for (const HeaderField& field : defaults.headers) json.field(field.name, field.value);
  json.end_object().end_object();
  return {.method = "PATCH",
          .target = std::move(Target(kGroups.path).segment(defaults.group)).take(),
          .headers = {{"Content-Type", "application/json"}},
          .body = Bytes::take(std::move(json).take())};
}

void add_defaults(Command groups, const ClientPlacePtr& place) {
  const auto defaults = std::make_shared<Defaults>();
  Command command = add_client_command(
      groups, place, "defaults", "Set the options of all messages to a group, or clear them",
      [defaults](Session& session) {
        return session.carry_out(defaults_call(*defaults),
                                 "URL group " + defaults->group + " has new defaults");
      });
  command.add_option("group", defaults->group, "Name of the group").required();
  add_option_flag(command, defaults->headers);
}

}  // namespace

void add_group_commands(Command ferry, const ClientPlacePtr& place) {
  Command groups = ferry.add_noun("groups", "URL groups: one message to many endpoints");
  add_list_command(groups, place, kGroups, "All URL groups");
  add_get_command(groups, place, kGroups);
  add_endpoints_command(groups, place, "add", "Add endpoints; makes the group", "POST",
                        " has its endpoints", "URL, or NAME=URL");
  add_endpoints_command(groups, place, "remove", "Remove endpoints; with the last one the group",
                        "DELETE", " has lost them", "URL or name");
  add_defaults(groups, place);
  add_delete_command(groups, place, kGroups, "Delete a group; messages under way go on");
}

}  // namespace ferry::app::cli
