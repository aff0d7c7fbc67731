#include "app/operator_commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "app/operator_tenants.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace ferry::app {
namespace {

constexpr std::size_t kArgumentsMax = 11;

struct CommandRow {
  std::string_view name;
  Result<std::string> (*run)(const Operator&, const OperatorArguments&);
  std::array<std::string_view, kArgumentsMax> arguments{};
};

Result<std::string> set_paused(const Operator& server, const OperatorArguments& arguments,
                               bool paused) {
  engine::SetPaused command{.reply = {}, .tenant = {}, .paused = paused};
  const auto name = arguments.find("tenant");
  if (name != arguments.end()) {
    ASSIGN_OR_RETURN(const TenantPtr tenant, find_tenant(server, name->second));
    command.tenant = tenant->id;
  }
  const engine::Answer answer = server.change(command);
  if (const Error* error = std::get_if<Error>(&answer)) return std::unexpected(*error);
  JsonWriter json;
  json.begin_object()
      .field("of", name == arguments.end() ? std::string("server") : "tenant " + name->second)
      .field("deliveries", paused ? "paused" : "running")
      .end_object();
  return std::move(json).take();
}

Result<std::string> pause(const Operator& server, const OperatorArguments& arguments) {
  return set_paused(server, arguments, true);
}

Result<std::string> resume(const Operator& server, const OperatorArguments& arguments) {
  return set_paused(server, arguments, false);
}

Result<std::string> status(const Operator& server, const OperatorArguments&) {
  ASSIGN_OR_RETURN(const ServerStatus now, server.status());
  const TenantCatalogPtr catalog = server.catalog();
  JsonWriter json;
  json.begin_object().field("version", FERRY_VERSION);
  json.field("state", now.running ? "running" : "stopped");
  if (now.running) json.field("pid", static_cast<std::int64_t>(::getpid()));
  json.field("deliveries", catalog->paused() ? "paused" : "running")
      .field("tenants", static_cast<std::uint64_t>(catalog->all().size()))
      .field("pending", now.pending)
      .field("in_flight", now.in_flight)
      .field("dead_letters", now.dead_letters)
      .field("applier_lag_ms", static_cast<std::int64_t>(now.applier_lag.count()))
      .end_object();
  return std::move(json).take();
}

Result<std::string> backup(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const std::string text, required(arguments, "folder"));
  const std::filesystem::path folder(text);
  if (!folder.is_absolute()) {
    return fail(ErrorCode::kInvalidRequest,
                "folder: expected an absolute path, got '" + text + "'");
  }
  // Files of an older backup, or the server's own, would be mixed with the new ones.
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error)) {
    return fail(ErrorCode::kInvalidRequest, "folder " + text + " is not empty");
  }
  RETURN_IF_ERROR(server.backup(folder));
  JsonWriter json;
  json.begin_object().field("folder", text).end_object();
  return std::move(json).take();
}

constexpr CommandRow kCommands[] = {
    {"tenant create", create_tenant, {"name", "token", "password", "current_key", "next_key"}},
    {"tenant list", list_tenants, {}},
    {"tenant suspend", suspend_tenant, {"name"}},
    {"tenant resume", resume_tenant, {"name"}},
    {"tenant delete", delete_tenant, {"name"}},
    {"tenant add-token", add_token, {"name", "read_only", "note"}},
    {"tenant rotate-token", rotate_token, {"name", "read_only"}},
    {"tenant rotate-keys", rotate_keys, {"name"}},
    {"tenant create-key", create_key, {"name", "note"}},
    {"tenant list-keys", list_keys, {"name"}},
    {"tenant delete-key", delete_key, {"name", "id"}},
    {"tenant set-quota",
     set_quota,
     {"name", "max_retries", "max_delay", "body_bytes_max", "messages_per_day", "queues",
      "queue_parallelism", "schedules", "url_groups", "functions", "services"}},
    {"tenant standard-webhooks", set_standard_webhooks, {"name", "enabled"}},
    {"pause", pause, {"tenant"}},
    {"resume", resume, {"tenant"}},
    {"status", status, {}},
    {"backup", backup, {"folder"}},
};

Result<OperatorArguments> read_arguments(std::string_view request) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::parse(request));
  const JsonValue root = document.root();
  if (root.kind() != JsonKind::kObject) {
    return fail(ErrorCode::kInvalidBody, "expected one JSON object a line");
  }
  OperatorArguments arguments;
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

Result<std::string> run(const Operator& server, std::string_view request) {
  ASSIGN_OR_RETURN(OperatorArguments arguments, read_arguments(request));
  ASSIGN_OR_RETURN(const std::string name, required(arguments, "command"));
  arguments.erase("command");
  const auto row = std::ranges::find(kCommands, name, &CommandRow::name);
  if (row == std::end(kCommands)) {
    return fail(ErrorCode::kInvalidRequest, "there is no command '" + name + "'");
  }
  for (const auto& [argument, text] : arguments) {
    // A misspelled "read_only" must not make a token that may write.
    if (std::ranges::find(row->arguments, argument) == row->arguments.end()) {
      return fail(ErrorCode::kInvalidRequest, name + ": there is no argument '" + argument + "'");
    }
  }
  return row->run(server, arguments);
}

}  // namespace

Result<std::string> required(const OperatorArguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) {
    return fail(ErrorCode::kInvalidRequest, std::string(name) + " is missing");
  }
  return found->second;
}

std::string answer_operator(const Operator& server, std::string_view request) {
  auto answer = run(server, request);
  if (answer) return std::move(*answer);
  JsonWriter json;
  json.begin_object()
      .field("error", answer.error().text)
      .field("code", error_info(answer.error().code).slug)
      .end_object();
  return std::move(json).take();
}

}  // namespace ferry::app
