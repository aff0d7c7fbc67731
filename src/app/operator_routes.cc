#include "app/operator_routes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/answers.h"
#include "api/query.h"
#include "base/json.h"
#include "base/log.h"

namespace ferry::app {
namespace {

// What is asked for, or the answer that says why nothing is.
struct Route {
  const OperatorCommand* command = nullptr;
  std::optional<http::ServerResponse> refusal;
};

std::string_view method_of(const OperatorCommand& command) {
  return command.lane == OperatorLane::kReading ? "GET" : "POST";
}

Route find_route(const http::RequestHead& head) {
  const std::string_view path = api::path_of(head.target);
  const OperatorCommand* command = nullptr;
  if (path.starts_with(kOperatorPrefix) && !path.contains(' ')) {
    std::string name(path.substr(kOperatorPrefix.size()));
    std::ranges::replace(name, '/', ' ');
    command = find_operator_command(name);
  }
  if (command == nullptr) {
    return {.refusal = api::error_answer(
                {ErrorCode::kNotFound, "there is no route " + std::string(path)})};
  }
  const std::string_view method = method_of(*command);
  if (head.method == method) return {.command = command};
  http::ServerResponse refusal = api::error_answer(
      {ErrorCode::kMethodNotAllowed, std::string(command->name) + " takes " + std::string(method)});
  refusal.headers.add("Allow", std::string(method));
  return {.refusal = std::move(refusal)};
}

Result<OperatorArguments> read_query(std::string_view target) {
  OperatorArguments arguments;
  for (api::QueryParameter& parameter : api::parse_query(api::query_of(target))) {
    arguments.insert_or_assign(std::move(parameter.name), std::move(parameter.value));
  }
  return arguments;
}

Result<OperatorArguments> read_body(std::string_view body) {
  OperatorArguments arguments;
  if (body.empty()) return arguments;
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::parse(body));
  const JsonValue root = document.root();
  if (root.kind() != JsonKind::kObject) {
    return fail(ErrorCode::kInvalidBody, "expected one JSON object");
  }
  for (std::size_t i = 0; i < root.size(); ++i) {
    const JsonMember member = root.member(i);
    const auto text = member.value.text();
    if (!text) {
      return fail(ErrorCode::kInvalidBody, std::string(member.name) + ": expected a text");
    }
    arguments.insert_or_assign(std::string(member.name), std::string(*text));
  }
  return arguments;
}

Result<OperatorArguments> read_arguments(const OperatorCommand& command,
                                         const http::Request& request) {
  if (command.lane == OperatorLane::kReading) return read_query(request.head.target);
  return read_body(request.body.view());
}

http::ServerResponse answer_of(Result<std::string> told) {
  return told ? api::json_answer(std::move(*told)) : api::error_answer(told.error());
}

}  // namespace

http::Admission OperatorRoutes::admit(const http::RequestHead& head) const {
  Route route = find_route(head);
  http::Admission admission;
  admission.refusal = std::move(route.refusal);
  if (route.command != nullptr && route.command->lane != OperatorLane::kReading) {
    admission.body_bytes_max = kOperatorBodyBytesMax;
  }
  admission.is_vital = true;
  return admission;
}

Awaitable<http::ServerResponse> OperatorRoutes::answer(http::Request request) {
  const OperatorCommand* command = find_route(request.head).command;
  if (command == nullptr) co_return api::error_answer({ErrorCode::kNotFound, "no such route"});
  const auto arguments = read_arguments(*command, request);
  if (!arguments) co_return api::error_answer(arguments.error());
  if (command->lane == OperatorLane::kReading) {
    co_return answer_of(run_operator_command(commands_, *command, *arguments));
  }
  http::BlockingPool& pool = command->lane == OperatorLane::kChanging ? changes_ : backups_;
  Result<std::string> told = fail(ErrorCode::kInternal);
  co_await pool.run([&told, &arguments, command, this] {
    told = run_operator_command(commands_, *command, *arguments);
  });
  log::info("operator_command",
            {{"command", command->name}, {"outcome", told ? "done" : told.error().text.c_str()}});
  co_return answer_of(std::move(told));
}

}  // namespace ferry::app
