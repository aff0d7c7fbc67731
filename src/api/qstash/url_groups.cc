#include "api/qstash/url_groups.h"

#include "api/json_body.h"
#include "api/list_answer.h"
#include "api/qstash/destination.h"
#include "api/qstash/json_headers.h"
#include "api/qstash/publish_parser.h"
#include "api/qstash/resources.h"
#include "base/json_writer.h"

namespace ferry::api {
namespace {

constexpr std::size_t kGroupBytesTypical = 256;
constexpr std::size_t kEndpointNameBytesMax = 256;

std::unexpected<Error> invalid_body(std::string text) {
  return fail(ErrorCode::kInvalidBody, "invalid body: " + std::move(text));
}

Result<std::string> group_name_of(const Call& call) {
  return checked_name("URL group", call.parameter("group"));
}

const UrlGroup& group_of(const engine::ResourceView& view) {
  return *std::get<UrlGroupPtr>(view.resource);
}

void write_group(JsonWriter& json, const UrlGroup& group) {
  json.begin_object()
      .field("name", group.name)
      .field("createdAt", to_unix_ms(group.created_at))
      .field("updatedAt", to_unix_ms(group.updated_at))
      .key("endpoints")
      .begin_array();
  for (const Endpoint& endpoint : group.endpoints) {
    json.begin_object().field_if("name", endpoint.name).field("url", endpoint.url).end_object();
  }
  json.end_array();
  if (!group.default_headers.empty()) json.key("headers").value_headers(group.default_headers);
  json.end_object();
}

// A text, or an empty one for an absent value or null.
Result<std::string> read_text(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value || value->is_null()) return std::string();
  const auto text = value->text();
  if (!text) return invalid_body("the " + std::string(name) + " of an endpoint is not a string");
  return std::string(*text);
}

// Endpoint names are free text (contract section 0.4).
Result<Endpoint> read_endpoint(const JsonValue& value) {
  if (value.kind() != JsonKind::kObject) return invalid_body("an endpoint is not an object");
  Endpoint endpoint;
  ASSIGN_OR_RETURN(endpoint.name, read_text(value, "name"));
  ASSIGN_OR_RETURN(endpoint.url, read_text(value, "url"));
  if (endpoint.name.size() <= kEndpointNameBytesMax) return endpoint;
  return invalid_body("the name of an endpoint is longer than " +
                      std::to_string(kEndpointNameBytesMax) + " bytes");
}

Result<std::vector<Endpoint>> read_endpoints(const JsonDocument& document) {
  const auto list = document.root().find("endpoints");
  if (!list || list->kind() != JsonKind::kArray || list->size() == 0) {
    return invalid_body("endpoints is missing or not an array with elements");
  }
  if (list->size() > kEndpointsMax) {
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxEndpoints exceeded, current limit: " + std::to_string(kEndpointsMax));
  }
  std::vector<Endpoint> endpoints;
  for (std::size_t i = 0; i < list->size(); ++i) {
    ASSIGN_OR_RETURN(Endpoint endpoint, read_endpoint(list->element(i)));
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

Result<engine::SaveEndpoints> read_save(const Call& call, const JsonDocument& document) {
  engine::SaveEndpoints command;
  command.tenant = call.caller.tenant->id;
  ASSIGN_OR_RETURN(command.group, group_name_of(call));
  ASSIGN_OR_RETURN(command.endpoints, read_endpoints(document));
  for (const Endpoint& endpoint : command.endpoints) {
    if (Result<void> checked = check_endpoint(endpoint.url, call.services.guard); !checked) {
      return fail(checked.error().code, "invalid endpoint url: " + checked.error().text);
    }
  }
  return command;
}

Result<engine::RemoveEndpoints> read_remove(const Call& call, const JsonDocument& document) {
  engine::RemoveEndpoints command;
  command.tenant = call.caller.tenant->id;
  ASSIGN_OR_RETURN(command.group, group_name_of(call));
  ASSIGN_OR_RETURN(command.endpoints, read_endpoints(document));
  for (const Endpoint& endpoint : command.endpoints) {
    if (endpoint.name.empty() && endpoint.url.empty()) {
      return invalid_body("an endpoint to be removed needs a name or a url");
    }
  }
  return command;
}

// What the defaults may hold beside their headers is that of a publish, without a schedule.
Result<engine::SaveGroupDefaults> read_defaults(const Call& call, const JsonDocument& document) {
  engine::SaveGroupDefaults command;
  command.tenant = call.caller.tenant->id;
  ASSIGN_OR_RETURN(command.group, group_name_of(call));
  const auto headers = document.root().find("headers");
  if (!headers) return invalid_body("headers is missing");
  ASSIGN_OR_RETURN(command.headers, read_json_headers(headers));
  const Services& services = call.services;
  ASSIGN_OR_RETURN(ParsedOptions parsed,
                   parse_options({.headers = command.headers, .twins = {}},
                                 rules_for(services.context.options, services.guard,
                                           *call.caller.tenant, call.now)));
  if (parsed.cron) {
    return fail(ErrorCode::kInvalidHeader,
                "invalid Upstash-Cron header: the defaults of a URL group make no schedules");
  }
  command.defaults = std::move(parsed.options);
  command.forward_all_headers = parsed.forwards_all_headers.value_or(false);
  return command;
}

}  // namespace

Awaitable<Answered> list_url_groups(Call call) {
  CO_ASSIGN_OR_RETURN(const std::vector<engine::ResourceView> groups,
                      co_await read_resources(call.services.context, call.caller.tenant->id,
                                              ResourceKind::kUrlGroup));
  co_return co_await answer_all(
      call.services.context, call.caller.tenant->id, groups.size(),
      [groups](JsonWriter& json, std::size_t at) { write_group(json, group_of(groups[at])); });
}

Awaitable<Answered> get_url_group(Call call) {
  CO_ASSIGN_OR_RETURN(std::string name, group_name_of(call));
  CO_ASSIGN_OR_RETURN(const std::vector<engine::ResourceView> groups,
                      co_await read_resources(call.services.context, call.caller.tenant->id,
                                              ResourceKind::kUrlGroup, std::move(name)));
  JsonWriter json(kGroupBytesTypical);
  write_group(json, group_of(groups.front()));
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> save_endpoints(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument document, co_await parse_json_body(call.request.body));
  CO_ASSIGN_OR_RETURN(engine::SaveEndpoints command, read_save(call, document));
  co_return co_await carry_out(call.services.context, std::move(command));
}

Awaitable<Answered> delete_endpoints(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument document, co_await parse_json_body(call.request.body));
  CO_ASSIGN_OR_RETURN(engine::RemoveEndpoints command, read_remove(call, document));
  co_return co_await carry_out(call.services.context, std::move(command));
}

Awaitable<Answered> save_group_defaults(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument document, co_await parse_json_body(call.request.body));
  CO_ASSIGN_OR_RETURN(engine::SaveGroupDefaults command, read_defaults(call, document));
  co_return co_await carry_out(call.services.context, std::move(command));
}

Awaitable<Answered> delete_url_group(Call call) {
  CO_ASSIGN_OR_RETURN(const std::string name, group_name_of(call));
  co_return co_await carry_out(call.services.context,
                               drop_command(call, ResourceKind::kUrlGroup, name, false));
}

}  // namespace ferry::api
