// fn create, list, get, delete, config: functions of the Function Compute API.

#include <array>
#include <cstdint>
#include <memory>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/function_calls.h"
#include "app/cli/client/shown.h"
#include "base/json_writer.h"

namespace ferry::app::cli {
namespace {

constexpr std::string_view kFunctions = "/2023-03-30/functions";

constexpr auto kColumns = std::to_array<Column>({
    {"FUNCTION", "functionName"},
    {"ENDPOINT", "endpoint"},
    {"TIMEOUT", "timeout"},
    {"DISABLED", "disabled"},
    {"CHANGED", "lastModifiedTime"},
});

ServerCall json_call(std::string method, std::string target, std::string body) {
  return {.method = std::move(method),
          .target = std::move(target),
          .headers = {{"Content-Type", "application/json"}},
          .body = Bytes::take(std::move(body))};
}

struct Creation {
  std::string name;
  std::string endpoint;
  std::string entry_point;
  std::string initializer;
  std::int64_t timeout = 0;      // seconds; 0: not given
  std::int64_t concurrency = 0;  // 0: not given
};

std::string creation_body(const Creation& creation) {
  JsonWriter json;
  json.begin_object()
      .field("functionName", creation.name)
      .field("x-endpoint-url", creation.endpoint)
      .field_if("handler", creation.entry_point)
      .field_if("initializer", creation.initializer);
  if (creation.timeout > 0) json.field("timeout", creation.timeout);
  if (creation.concurrency > 0) json.field("reservedConcurrency", creation.concurrency);
  json.end_object();
  return std::move(json).take();
}

void add_create(Command functions, const ClientPlacePtr& place) {
  const auto creation = std::make_shared<Creation>();
  Command command = add_client_command(
      functions, place, "create", "Register a function", [creation](Session& session) {
        return session.carry_out(
            json_call("POST", std::string(kFunctions), creation_body(*creation)),
            "function " + creation->name + " is registered");
      });
  command.add_option("name", creation->name, "Of the function").required();
  command.add_option("--endpoint", creation->endpoint, "URL that serves it, without /invoke")
      .required();
  command.add_option("--handler", creation->entry_point, "Told to it");
  command.add_option("--initializer", creation->initializer,
                     "Has it call /initialize before the first invocation");
  command.add_option("--timeout", creation->timeout, "Of one invocation, in seconds [60]")
      .positive();
  command
      .add_option("--concurrency", creation->concurrency,
                  "Asynchronous invocations at a time [no limit of its own]")
      .positive();
}

// Names alone would do for scripts, which have --json: a page a line.
CallResult<void> list(Session& session) {
  ListText text(kColumns);
  std::string token;
  do {
    Target target(kFunctions);
    target.parameter("limit", "100");
    if (!token.empty()) target.parameter("nextToken", token);
    ASSIGN_OR_RETURN(const Bytes body,
                     session.call({.method = "GET", .target = std::move(target).take()}));
    if (session.json()) session.print_json(body.view());
    ASSIGN_OR_RETURN(const JsonDocument answer, parse_answer(body.view()));
    const auto rows = answer.root().find("functions");
    if (rows && !session.json()) session.console().print(text.page(*rows));
    const auto next = answer.root().find("nextToken");
    token = next ? std::string(next->text().value_or("")) : std::string();
  } while (!token.empty());
  return {};
}

void add_get(Command functions, const ClientPlacePtr& place) {
  const auto name = std::make_shared<std::string>();
  Command command =
      add_client_command(functions, place, "get", "Show one function", [name](Session& session) {
        return session.show({.method = "GET", .target = function_target(*name).take()},
                            record_text);
      });
  command.add_option("name", *name, "Of the function").required();
}

void add_delete(Command functions, const ClientPlacePtr& place) {
  const auto name = std::make_shared<std::string>();
  Command command = add_client_command(
      functions, place, "delete", "Forget a function; what it was sent already goes on",
      [name](Session& session) {
        return session.carry_out({.method = "DELETE", .target = function_target(*name).take()},
                                 "function " + *name + " is deleted");
      });
  command.add_option("name", *name, "Of the function").required();
}

struct Config {
  std::string name;
  std::string qualifier;
  std::string on_success;
  std::string on_failure;
  std::int64_t retries = -1;  // -1: not given
  std::int64_t age = 0;       // seconds; 0: not given
  bool stateful = false;
  bool set = false;
};

void write_destination(JsonWriter& json, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  json.key(name).begin_object().field("destination", text).end_object();
}

std::string config_body(const Config& config) {
  JsonWriter json;
  json.begin_object().field("asyncTask", config.stateful).key("destinationConfig").begin_object();
  write_destination(json, "onSuccess", config.on_success);
  write_destination(json, "onFailure", config.on_failure);
  json.end_object();
  if (config.retries >= 0) json.field("maxAsyncRetryAttempts", config.retries);
  if (config.age > 0) json.field("maxAsyncEventAgeInSeconds", config.age);
  json.end_object();
  return std::move(json).take();
}

// A loop is what people want to know of, whatever else the answer says.
CallResult<void> configure(Session& session, const Config& config) {
  Target target = function_target(config.name).segment("async-invoke-config");
  if (!config.qualifier.empty()) target.parameter("qualifier", config.qualifier);
  if (!config.set) {
    return session.show({.method = "GET", .target = std::move(target).take()}, record_text);
  }
  ASSIGN_OR_RETURN(
      const ServerAnswer answer,
      session.exchange(json_call("PUT", std::move(target).take(), config_body(config))));
  if (answer.headers.contains("x-fc-warning")) {
    session.console().tell("the destinations lead back to " + config.name);
  }
  if (session.json()) {
    session.print_json(answer.body.view());
  } else {
    session.console().print("function " + config.name + " is configured\n");
  }
  return {};
}

void add_config(Command functions, const ClientPlacePtr& place) {
  const auto config = std::make_shared<Config>();
  Command command =
      add_client_command(functions, place, "config",
                         "Show what becomes of asynchronous invocations, or with --set replace it",
                         [config](Session& session) { return configure(session, *config); });
  command.add_option("name", config->name, "Of the function").required();
  command.add_flag("--set", config->set, "Replace all of it; what is not given has its default");
  command.add_option("--qualifier", config->qualifier, "Version or alias [LATEST]");
  command.add_option("--on-success", config->on_success, "Destination of results");
  command.add_option("--on-failure", config->on_failure, "Destination of failures");
  command.add_option("--retries", config->retries, "After an error of the function, 0 to 8 [3]");
  command.add_option("--max-age", config->age, "Of an event that is still tried, in seconds");
  command.add_flag("--stateful", config->stateful, "Keep every invocation as a task for a week");
}

}  // namespace

Target function_target(std::string_view name) {
  return std::move(Target(kFunctions).segment(name));
}

void add_function_commands(Command ferry, const ClientPlacePtr& place) {
  Command functions = ferry.add_noun("fn", "Functions: endpoints that are invoked by name");
  add_create(functions, place);
  add_client_command(functions, place, "list", "All functions", list);
  add_get(functions, place);
  add_delete(functions, place);
  add_config(functions, place);
  add_function_call_commands(functions, place);
}

}  // namespace ferry::app::cli
