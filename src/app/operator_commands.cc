#include "app/operator_commands.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "app/operator_tenants.h"
#include "base/json_writer.h"

namespace ferry::app {
namespace {

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

constexpr OperatorCommand kCommands[] = {
    {"tenant create",
     create_tenant,
     OperatorLane::kChanging,
     {"name", "token", "password", "current_key", "next_key"}},
    {"tenant list", list_tenants, OperatorLane::kReading, {}},
    {"tenant suspend", suspend_tenant, OperatorLane::kChanging, {"name"}},
    {"tenant resume", resume_tenant, OperatorLane::kChanging, {"name"}},
    {"tenant delete", delete_tenant, OperatorLane::kChanging, {"name"}},
    {"tenant add-token", add_token, OperatorLane::kChanging, {"name", "read_only", "note"}},
    {"tenant rotate-token", rotate_token, OperatorLane::kChanging, {"name", "read_only"}},
    {"tenant rotate-keys", rotate_keys, OperatorLane::kChanging, {"name"}},
    {"tenant create-key", create_key, OperatorLane::kChanging, {"name", "note"}},
    {"tenant list-keys", list_keys, OperatorLane::kReading, {"name"}},
    {"tenant delete-key", delete_key, OperatorLane::kChanging, {"name", "id"}},
    {"tenant set-quota",
     set_quota,
     OperatorLane::kChanging,
     {"name", "max_retries", "max_delay", "body_bytes_max", "messages_per_day", "queues",
      "queue_parallelism", "schedules", "url_groups", "functions", "services", "flow_keys",
      "tokens", "resource_bytes", "schedule_body_bytes", "timeout_max"}},
    {"tenant standard-webhooks",
     set_standard_webhooks,
     OperatorLane::kChanging,
     {"name", "enabled"}},
    {"pause", pause, OperatorLane::kChanging, {"tenant"}},
    {"resume", resume, OperatorLane::kChanging, {"tenant"}},
    {"status", status, OperatorLane::kReading, {}},
    {"backup", backup, OperatorLane::kCopying, {"folder"}},
};

}  // namespace

Result<std::string> required(const OperatorArguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) {
    return fail(ErrorCode::kInvalidRequest, std::string(name) + " is missing");
  }
  return found->second;
}

const OperatorCommand* find_operator_command(std::string_view name) {
  const auto row = std::ranges::find(kCommands, name, &OperatorCommand::name);
  return row == std::end(kCommands) ? nullptr : row;
}

Result<std::string> run_operator_command(const Operator& server, const OperatorCommand& command,
                                         const OperatorArguments& arguments) {
  for (const auto& [argument, text] : arguments) {
    // A misspelled "read_only" must not make a token that may write.
    if (argument.empty() ||
        std::ranges::find(command.arguments, argument) == command.arguments.end()) {
      return fail(ErrorCode::kInvalidRequest,
                  std::string(command.name) + ": there is no argument '" + argument + "'");
    }
  }
  return command.run(server, arguments);
}

}  // namespace ferry::app
