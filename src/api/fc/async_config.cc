#include "api/fc/async_config.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/fc/destination_graph.h"
#include "api/fc/fields.h"
#include "api/fc/pages.h"
#include "api/fc/qualifiers.h"
#include "api/fc/stored.h"
#include "api/qstash/destination.h"
#include "base/log.h"
#include "domain/limits.h"
#include "domain/push_target.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kConfigsMax = 100;  // of one function, whose row is read whole

struct ShownConfig {
  FunctionPtr function;
  AsyncConfig config;
};

Checked<std::string> destination_in(const JsonValue& destinations, std::string_view name) {
  const auto destination = object_member(destinations, name);
  if (!destination) return std::string();
  ASSIGN_OR_RETURN(auto text,
                   text_member(*destination, "destination", limits::kPushTargetBytesMax));
  return std::move(text).value_or("");
}

Checked<AsyncConfig> read_config(const JsonValue& members) {
  constexpr std::int64_t kAgeMax = limits::kEventAgeMax / std::chrono::seconds(1);
  AsyncConfig config;
  for (const std::string_view name : {"asyncTask", "statefulInvocation"}) {
    ASSIGN_OR_RETURN(const auto flag, flag_member(members, name));
    if (flag) config.task_mode = *flag;
  }
  if (const auto destinations = object_member(members, "destinationConfig")) {
    ASSIGN_OR_RETURN(config.on_success, destination_in(*destinations, "onSuccess"));
    ASSIGN_OR_RETURN(config.on_failure, destination_in(*destinations, "onFailure"));
  }
  ASSIGN_OR_RETURN(const auto retries,
                   integer_member(members, "maxAsyncRetryAttempts", {0, limits::kAsyncRetriesMax}));
  if (retries) config.max_retries = static_cast<std::int32_t>(*retries);
  ASSIGN_OR_RETURN(const auto age,
                   integer_member(members, "maxAsyncEventAgeInSeconds", {1, kAgeMax}));
  if (age) config.event_age_max = std::chrono::seconds(*age);
  return config;
}

// The service and the function of a resource's name.
Address target_address(const PushTarget& target) {
  const std::size_t dollar = target.name.find('$');
  const bool grouped = dollar != std::string::npos;
  return {.service = grouped ? target.name.substr(0, dollar) : std::string(),
          .function = grouped ? target.name.substr(dollar + 1) : target.name,
          .qualifier = target.qualifier.empty() ? std::string(kLatest) : target.qualifier};
}

// Only an event function that exists can be a destination (seed 003).
Awaitable<Checked<void>> check_function_target(const Call& call, PushTarget target) {
  const Address address = target_address(target);
  const Checked<FunctionPtr> function = co_await read_function(call, address);
  Checked<void> checked;
  if (!function) {
    checked = std::unexpected(function.error());
  } else if (has_http_trigger(**function)) {
    co_return invalid_argument("the destination " + target.text +
                               " is an HTTP function, which cannot be one");
  } else {
    checked = co_await check_qualifier(call, *function, address.qualifier);
  }
  if (checked || fault_info(checked.error().code).status != 404) co_return checked;
  co_return invalid_argument("the destination " + target.text + ": " + checked.error().text);
}

Awaitable<Checked<void>> check_destination(const Call& call, std::string text) {
  if (text.empty()) co_return Checked<void>();
  CO_ASSIGN_OR_RETURN(const PushTarget target, parse_push_target(text));
  if (target.kind == PushKind::kFunction) co_return co_await check_function_target(call, target);
  if (target.kind != PushKind::kHttp) co_return Checked<void>();
  const Result<void> allowed = check_endpoint(target.name, call.services.guard);
  if (!allowed) co_return invalid_argument("the destination " + text + ": " + allowed.error().text);
  co_return Checked<void>();
}

// Whether the results of the function would come back to it with this configuration.
Awaitable<Checked<bool>> makes_loop(const Call& call, Address address, AsyncConfig config) {
  CO_ASSIGN_OR_RETURN(const std::vector<FunctionPtr> functions, co_await read_functions(call));
  const std::string* host = call.request.head.headers.find("Host");
  DestinationGraph graph(functions, host ? *host : std::string());
  graph.put(address.name(), config);
  co_return graph.is_loop(address.name(), address.qualifier);
}

Checked<void> put_config(Function& function, AsyncConfig config) {
  auto& configs = function.configs;
  const auto place =
      std::ranges::lower_bound(configs, config.qualifier, {}, &AsyncConfig::qualifier);
  if (place != configs.end() && place->qualifier == config.qualifier) {
    config.created_at = place->created_at;
    *place = std::move(config);
    return {};
  }
  if (configs.size() >= kConfigsMax) {
    return refuse(FaultCode::kLimitExceeded,
                  "there are " + std::to_string(kConfigsMax) + " configurations already");
  }
  configs.insert(place, std::move(config));
  return {};
}

void write_destination(JsonWriter& json, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  json.key(name).begin_object().field("destination", text).end_object();
}

void write_owner(JsonWriter& json, const Call& call, const ShownConfig& shown) {
  const Function& function = *shown.function;
  if (call.has_services()) {
    json.field("service", function.service).field("function", function.function);
  } else {
    json.field(
        "functionArn",
        function_arn(function.service, function.function, shown.config.qualifier,
                     call.services.context.options.function_region, call.caller.tenant->name));
  }
  json.field("qualifier", shown.config.qualifier);
}

// Numbers that were not given are null (contract section 1.3).
void write_config(JsonWriter& json, const Call& call, const ShownConfig& shown) {
  const AsyncConfig& config = shown.config;
  json.begin_object();
  write_owner(json, call, shown);
  json.field(call.has_services() ? "statefulInvocation" : "asyncTask", config.task_mode);
  json.key("destinationConfig").begin_object();
  write_destination(json, "onSuccess", config.on_success);
  write_destination(json, "onFailure", config.on_failure);
  json.end_object().key("maxAsyncRetryAttempts");
  if (config.max_retries) {
    json.value(*config.max_retries);
  } else {
    json.raw("null");
  }
  json.key("maxAsyncEventAgeInSeconds");
  if (config.event_age_max) {
    json.value(static_cast<std::int64_t>(*config.event_age_max / std::chrono::seconds(1)));
  } else {
    json.raw("null");
  }
  json.field("createdTime", wire_time(config.created_at))
      .field("lastModifiedTime", wire_time(config.modified_at))
      .end_object();
}

http::ServerResponse config_answer(const Call& call, const ShownConfig& shown) {
  JsonWriter json;
  write_config(json, call, shown);
  return json_answer(std::move(json).take());
}

Fault no_config(const Address& address) {
  return {FaultCode::kAsyncConfigNotExists, "function '" + address.name() + "' has no " +
                                                "asynchronous configuration of qualifier '" +
                                                address.qualifier + "'"};
}

// What is listed: of one function, or of all that the face knows.
Awaitable<Checked<std::vector<FunctionPtr>>> listed_functions(const Call& call) {
  CO_ASSIGN_OR_RETURN(Address address, address_of(call));
  if (address.function.empty()) address.function = call.query_value("functionName").value_or("");
  if (address.function.empty()) co_return co_await read_functions(call);
  CO_ASSIGN_OR_RETURN(FunctionPtr function, co_await read_function(call, address));
  co_return std::vector<FunctionPtr>{std::move(function)};
}

std::vector<ShownConfig> configs_of(const std::vector<FunctionPtr>& functions) {
  std::vector<ShownConfig> all;
  for (const FunctionPtr& function : functions) {
    for (const AsyncConfig& config : function->configs) all.push_back({function, config});
  }
  return all;
}

// What the list goes on behind: ascends as the list does, since '!' is below every character of a
// name.
std::string place_of(const ShownConfig& shown) {
  return function_name(shown.function->service, shown.function->function) + "!" +
         shown.config.qualifier;
}

}  // namespace

Awaitable<Answered> put_async_config(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(AsyncConfig config, read_config(body.root()));
  config.qualifier = address.qualifier;
  config.created_at = config.modified_at = call.now;
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  Checked<void> checked = co_await check_qualifier(call, function, address.qualifier);
  if (checked) checked = co_await check_destination(call, config.on_success);
  if (checked) checked = co_await check_destination(call, config.on_failure);
  if (!checked) co_return std::unexpected(checked.error());
  CO_ASSIGN_OR_RETURN(const bool loop, co_await makes_loop(call, address, config));
  if (loop && call.services.context.options.loop_reject) {
    co_return invalid_argument("the destinations lead back to function '" + address.name() + "'");
  }
  CO_ASSIGN_OR_RETURN(const FunctionPtr saved,
                      co_await change_function(call, address, [&config](Function& each) {
                        return put_config(each, config);
                      }));
  http::ServerResponse response =
      config_answer(call, {saved, *config_of(*saved, address.qualifier)});
  if (loop) {
    response.headers.add("x-fc-warning", "DestinationLoop");
    log::warn("destination_loop", {{"tenant", call.caller.tenant->name},
                                   {"function", address.name()},
                                   {"qualifier", address.qualifier}});
  }
  co_return response;
}

Awaitable<Answered> get_async_config(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  const AsyncConfig* config = config_of(*function, address.qualifier);
  if (config == nullptr) co_return std::unexpected(no_config(address));
  co_return config_answer(call, {function, *config});
}

Awaitable<Answered> delete_async_config(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(
      [[maybe_unused]] const FunctionPtr saved,
      co_await change_function(call, address, [&address](Function& function) -> Checked<void> {
        const auto removed = std::erase_if(function.configs, [&address](const AsyncConfig& each) {
          return each.qualifier == address.qualifier;
        });
        if (removed == 0) return std::unexpected(no_config(address));
        return {};
      }));
  co_return empty_answer(204);
}

Awaitable<Answered> list_async_configs(Call call) {
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  CO_ASSIGN_OR_RETURN(const std::vector<FunctionPtr> functions, co_await listed_functions(call));
  const auto page = cut_page(configs_of(functions), request, place_of);
  JsonWriter json;
  json.begin_object().key("configs").begin_array();
  for (const ShownConfig& shown : page.items) write_config(json, call, shown);
  json.end_array().field_if("nextToken", page.next_token).end_object();
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> list_task_functions(Call call) {
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  CO_ASSIGN_OR_RETURN(const std::vector<FunctionPtr> functions, co_await read_functions(call));
  std::vector<ShownConfig> configs = configs_of(functions);
  std::erase_if(configs, [](const ShownConfig& shown) {
    return !shown.config.task_mode || shown.function->service.empty();
  });
  const auto page = cut_page(std::move(configs), request, place_of);
  JsonWriter json;
  json.begin_object().key("data").begin_array();
  for (const ShownConfig& shown : page.items) {
    json.begin_object()
        .field("serviceName", shown.function->service)
        .field("functionName", shown.function->function)
        .field("qualifier", shown.config.qualifier)
        .end_object();
  }
  json.end_array().field_if("nextToken", page.next_token).end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api::fc
