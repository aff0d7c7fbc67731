#include "app/cli/client/function_calls.h"

#include <array>
#include <cstdint>
#include <memory>

#include "app/cli/client/publish_flags.h"
#include "app/cli/client/shown.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

std::string time_text(const JsonValue& row, std::string_view member) {
  const auto value = row.find(member);
  const auto ms = value ? value->integer() : std::nullopt;
  return ms ? format_rfc3339(from_unix_ms(*ms)) : "-";
}

// The wire's word for what an asynchronous invocation is once it has an id of its own.
constexpr auto kStatefulColumns = std::to_array<Column>({
    {"TASK", "taskId"},
    {"STATUS", "status"},
    {"STARTED", "", [](const JsonValue& row) { return time_text(row, "startedTime"); }},
    {"ENDED", "", [](const JsonValue& row) { return time_text(row, "endTime"); }},
    {"RETRIES", "alreadyRetriedTimes"},
    {"QUALIFIER", "qualifier"},
    {"ERROR", "taskErrorMessage"},
});

constexpr auto kPointColumns = std::to_array<Column>({
    {"FROM", "", [](const JsonValue& row) { return time_text(row, "timestamp"); }},
    {"COUNT", "value"},
});

struct Invocation {
  std::string name;
  std::string qualifier;
  std::string body;
  std::string id;
  std::int64_t delay = 0;
  bool wait = false;
};

HeaderList headers_of(const Invocation& invocation) {
  HeaderList headers = {{"Content-Type", "application/octet-stream"},
                        {"x-fc-invocation-type", invocation.wait ? "Sync" : "Async"}};
  if (!invocation.id.empty()) headers.add("x-fc-async-task-id", invocation.id);
  if (invocation.delay > 0) headers.add("x-fc-async-delay", std::to_string(invocation.delay));
  return headers;
}

// What the function returned, byte for byte; an error of the function is one of the command.
CallResult<void> show_result(const Session& session, const ServerAnswer& answer) {
  session.console().print(answer.body.view());
  const std::string* error = answer.headers.find("x-fc-error-type");
  if (error != nullptr) return fail_with(kFailed, "the function failed: " + *error);
  return {};
}

CallResult<void> invoke(Session& session, const Invocation& invocation) {
  ASSIGN_OR_RETURN(Bytes event, read_body(invocation.body, session.console().in));
  Target target = function_target(invocation.name).segment("invocations");
  if (!invocation.qualifier.empty()) target.parameter("qualifier", invocation.qualifier);
  ASSIGN_OR_RETURN(const ServerAnswer answer, session.exchange({.method = "POST",
                                                                .target = std::move(target).take(),
                                                                .headers = headers_of(invocation),
                                                                .body = std::move(event)}));
  if (invocation.wait) return show_result(session, answer);
  const std::string* id = answer.headers.find("x-fc-async-task-id");
  session.console().print((id ? *id : std::string("-")) + "\n");
  return {};
}

void add_invoke(Command functions, const ClientPlacePtr& place) {
  const auto invocation = std::make_shared<Invocation>();
  Command command =
      add_client_command(functions, place, "invoke",
                         "Hand a function an event; prints the id, or with --wait what it returned",
                         [invocation](Session& session) { return invoke(session, *invocation); });
  command.add_option("name", invocation->name, "Of the function").required();
  command.add_option("--body", invocation->body, "The event: TEXT, @FILE or - (standard input)");
  command.add_option("--qualifier", invocation->qualifier, "Version or alias [LATEST]");
  command.add_flag("--wait", invocation->wait, "Run it now and wait for it");
  command.add_option("--id", invocation->id, "Of the invocation, if it is kept as a task")
      .excludes("--wait");
  command.add_option("--delay", invocation->delay, "Seconds until it is run, 3600 at most")
      .excludes("--wait");
}

struct Listing {
  std::string name;
  std::string id;
  std::string prefix;
  std::string status;
  std::int64_t limit = 100;
};

CallResult<void> list(Session& session, const Listing& listing) {
  Target target = function_target(listing.name).segment("async-tasks");
  if (!listing.id.empty()) {
    target.segment(listing.id);
    return session.show({.method = "GET", .target = std::move(target).take()}, record_text);
  }
  target.parameter("limit", std::to_string(listing.limit));
  if (!listing.prefix.empty()) target.parameter("prefix", listing.prefix);
  if (!listing.status.empty()) target.parameter("status", listing.status);
  return session.show({.method = "GET", .target = std::move(target).take()},
                      [](const JsonValue& answer) {
                        const auto rows = answer.find("tasks");
                        return rows ? list_text(kStatefulColumns, *rows) : std::string();
                      });
}

void add_list(Command functions, const ClientPlacePtr& place) {
  const auto listing = std::make_shared<Listing>();
  Command command = add_client_command(
      functions, place, "tasks", "Invocations that are kept, newest first; or one of them",
      [listing](Session& session) { return list(session, *listing); });
  command.add_option("name", listing->name, "Of the function").required();
  command.add_option("id", listing->id, "Of one invocation");
  command.add_option("--prefix", listing->prefix, "Of the ids");
  command.add_option("--status", listing->status, "Such as Running or Failed");
  command.add_option("--limit", listing->limit, "Most of them [100]").between(1, 100);
}

struct Stop {
  std::string name;
  std::string id;
};

void add_stop(Command functions, const ClientPlacePtr& place) {
  const auto stop = std::make_shared<Stop>();
  Command command = add_client_command(
      functions, place, "stop", "Stop an invocation that is kept as a task",
      [stop](Session& session) {
        Target target = function_target(stop->name).segment("async-tasks");
        target.segment(stop->id).segment("stop");
        return session.carry_out({.method = "PUT", .target = std::move(target).take()},
                                 stop->id + " is stopped");
      });
  command.add_option("name", stop->name, "Of the function").required();
  command.add_option("id", stop->id, "Of the invocation").required();
}

struct MetricChoice {
  std::string metric;
  std::string name;
  std::string qualifier;
  bool hours = false;
};

CallResult<void> show_metric(Session& session, const MetricChoice& choice) {
  Target target("/2023-03-30/metrics");
  target.parameter("metricName", choice.metric);
  if (!choice.name.empty()) target.parameter("functionName", choice.name);
  if (!choice.qualifier.empty()) target.parameter("qualifier", choice.qualifier);
  if (choice.hours) {
    const TimePoint from = session.now() - std::chrono::hours(24);
    target.parameter("period", "3600").parameter("startTime", std::to_string(to_unix_ms(from)));
  }
  return session.show({.method = "GET", .target = std::move(target).take()},
                      [](const JsonValue& answer) {
                        const auto rows = answer.find("datapoints");
                        return rows ? list_text(kPointColumns, *rows) : std::string();
                      });
}

void add_metrics(Command functions, const ClientPlacePtr& place) {
  const auto choice = std::make_shared<MetricChoice>();
  Command command = add_client_command(
      functions, place, "metrics", "What was counted in the minutes of the last hour",
      [choice](Session& session) { return show_metric(session, *choice); });
  command.add_option("metric", choice->metric, "Such as FunctionDestinationErrors").required();
  command.add_option("name", choice->name, "Of a function [all]");
  command.add_option("--qualifier", choice->qualifier, "Version or alias [all]");
  command.add_flag("--hours", choice->hours, "The hours of the last day instead");
}

}  // namespace

void add_function_call_commands(Command functions, const ClientPlacePtr& place) {
  add_invoke(functions, place);
  add_list(functions, place);
  add_stop(functions, place);
  add_metrics(functions, place);
}

}  // namespace ferry::app::cli
