#include "api/fc/function_fields.h"

#include <algorithm>

#include "api/fc/call.h"
#include "api/fc/fields.h"
#include "api/qstash/destination.h"
#include "domain/limits.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kTextBytesMax = 256;
constexpr std::int64_t kSecondsMax = 86'400;
constexpr Bounds kPorts{1, 65'535};

// What is not kept: it is ours to say, or too large.
constexpr std::string_view kNotKept[] = {
    "code",  "functionName",     "functionArn", "functionId",       "createdTime",
    "state", "lastModifiedTime", "codeSize",    "lastUpdateStatus", "codeChecksum",
};

// What is written from the function's own members.
constexpr std::string_view kWrittenApart[] = {"runtime", "handler", "timeout", "memorySize"};

Checked<void> take_seconds(const JsonValue& fields, std::string_view name, Duration& into) {
  ASSIGN_OR_RETURN(const auto seconds, integer_member(fields, name, {1, kSecondsMax}));
  if (seconds) into = std::chrono::seconds(*seconds);
  return {};
}

Checked<void> take_text(const JsonValue& fields, std::string_view name, std::string& into) {
  ASSIGN_OR_RETURN(auto text, text_member(fields, name, kTextBytesMax));
  into = std::move(text).value_or("");
  return {};
}

// 3.0 has it in instanceLifecycleConfig, 2.0 beside the other members.
Checked<void> take_initializer(const JsonValue& fields, Function& function) {
  RETURN_IF_ERROR(take_text(fields, "initializer", function.initializer));
  RETURN_IF_ERROR(take_seconds(fields, "initializationTimeout", function.initialization_timeout));
  const auto lifecycle = object_member(fields, "instanceLifecycleConfig");
  const auto initializer = lifecycle ? object_member(*lifecycle, "initializer") : std::nullopt;
  if (!initializer) return {};
  RETURN_IF_ERROR(take_text(*initializer, "handler", function.initializer));
  return take_seconds(*initializer, "timeout", function.initialization_timeout);
}

Checked<void> take_log_config(const JsonValue& fields, Function& function) {
  function.log_project.clear();
  function.log_store.clear();
  const auto log = object_member(fields, "logConfig");
  if (!log) return {};
  RETURN_IF_ERROR(take_text(*log, "project", function.log_project));
  return take_text(*log, "logstore", function.log_store);
}

Checked<void> take_concurrency(const JsonValue& fields, Function& function) {
  constexpr Bounds kBounds{0, 100'000};
  function.concurrency_max = 0;
  for (const std::string_view name : {"concurrency", "reservedConcurrency"}) {
    ASSIGN_OR_RETURN(const auto number, integer_member(fields, name, kBounds));
    if (number) function.concurrency_max = static_cast<std::int32_t>(*number);
  }
  return {};
}

Checked<void> take_recursion(const JsonValue& fields, Function& function) {
  ASSIGN_OR_RETURN(const auto word, text_member(fields, "recursionConfig", kTextBytesMax));
  if (word && *word != "Allow" && *word != "Terminate") {
    return invalid_argument("recursionConfig must be Allow or Terminate");
  }
  function.recursion_allowed = word == "Allow";
  return {};
}

// Of a function that is a server on this machine.
Checked<std::optional<std::string>> local_endpoint(const JsonValue& fields) {
  for (const std::string_view name : {"customRuntimeConfig", "customContainerConfig"}) {
    const auto config = object_member(fields, name);
    if (!config) continue;
    ASSIGN_OR_RETURN(const auto port, integer_member(*config, "port", kPorts));
    if (port) return "http://127.0.0.1:" + std::to_string(*port);
  }
  ASSIGN_OR_RETURN(const auto port, integer_member(fields, "caPort", kPorts));
  if (port) return "http://127.0.0.1:" + std::to_string(*port);
  return std::nullopt;
}

Checked<std::string> endpoint_of(const JsonValue& fields) {
  ASSIGN_OR_RETURN(auto own, text_member(fields, "x-endpoint-url", limits::kTargetBytesMax));
  if (own) return *own;
  if (const auto environment = object_member(fields, "environmentVariables")) {
    ASSIGN_OR_RETURN(auto variable,
                     text_member(*environment, "FC_ENDPOINT_URL", limits::kTargetBytesMax));
    if (variable) return *variable;
  }
  ASSIGN_OR_RETURN(auto local, local_endpoint(fields));
  if (local) return *local;
  return invalid_argument(
      "the endpoint of the function is not told: set the environment variable FC_ENDPOINT_URL or "
      "customRuntimeConfig.port");
}

Checked<void> take_endpoint(const JsonValue& fields, const http::AddressGuard& guard,
                            Function& function) {
  ASSIGN_OR_RETURN(std::string url, endpoint_of(fields));
  while (url.ends_with('/')) url.pop_back();
  if (url.find_first_of("?#") != std::string::npos) {
    return invalid_argument("the endpoint of the function must have no query and no fragment");
  }
  if (const Result<void> checked = check_endpoint(url, guard); !checked) {
    return invalid_argument("the endpoint of the function: " + checked.error().text);
  }
  function.endpoint = std::move(url);
  return {};
}

// Texts alone can be handed to a process.
Checked<void> check_environment(const JsonValue& fields) {
  const auto environment = fields.find("environmentVariables");
  if (!environment) return {};
  if (environment->kind() != JsonKind::kObject) {
    return invalid_argument("environmentVariables must be an object");
  }
  for (std::size_t i = 0; i < environment->size(); ++i) {
    if (environment->member(i).value.kind() == JsonKind::kText) continue;
    return invalid_argument("the environment variable " + std::string(environment->member(i).name) +
                            " must be a text");
  }
  return {};
}

// A field that a null took away has its default again.
void reset(Function& function, Duration timeout_max) {
  const Function defaults;
  function.timeout = std::min(defaults.timeout, timeout_max);
  function.memory_mb = defaults.memory_mb;
  function.initialization_timeout = std::min(defaults.initialization_timeout, timeout_max);
}

Checked<void> take_fields(const JsonValue& fields, Duration timeout_max, Function& function) {
  constexpr Bounds kMemory{64, 32'768};
  constexpr Bounds kInstanceConcurrency{1, 200};
  reset(function, timeout_max);
  RETURN_IF_ERROR(take_text(fields, "handler", function.handler));
  RETURN_IF_ERROR(take_text(fields, "runtime", function.runtime));
  RETURN_IF_ERROR(text_member(fields, "description", kTextBytesMax));
  RETURN_IF_ERROR(take_seconds(fields, "timeout", function.timeout));
  ASSIGN_OR_RETURN(const auto memory, integer_member(fields, "memorySize", kMemory));
  if (memory) function.memory_mb = static_cast<std::int32_t>(*memory);
  RETURN_IF_ERROR(integer_member(fields, "instanceConcurrency", kInstanceConcurrency));
  RETURN_IF_ERROR(check_environment(fields));
  RETURN_IF_ERROR(take_initializer(fields, function));
  RETURN_IF_ERROR(take_concurrency(fields, function));
  return take_recursion(fields, function);
}

}  // namespace

Checked<void> put_fields(Function& function, const JsonValue& members,
                         const http::AddressGuard& guard, Duration timeout_max) {
  ASSIGN_OR_RETURN(function.attributes, merge_members(function.attributes, members, kNotKept));
  ASSIGN_OR_RETURN(const JsonDocument fields, parse_object(function.attributes));
  RETURN_IF_ERROR(take_fields(fields.root(), timeout_max, function));
  if (function.service.empty()) RETURN_IF_ERROR(take_log_config(fields.root(), function));
  return take_endpoint(fields.root(), guard, function);
}

Checked<void> put_service_fields(Function& function, const Service& service) {
  ASSIGN_OR_RETURN(const JsonDocument fields, parse_object(service.attributes));
  return take_log_config(fields.root(), function);
}

void write_function(JsonWriter& json, const Function& function, std::string_view region,
                    std::string_view account) {
  json.begin_object()
      .field("functionName", function.function)
      .field("functionId", function.id)
      .field("functionArn",
             function_arn(function.service, function.function, kLatest, region, account))
      .field_if("serviceName", function.service)
      .field("runtime", function.runtime)
      .field("handler", function.handler)
      .field("timeout", function.timeout / std::chrono::seconds(1))
      .field("memorySize", function.memory_mb);
  write_members(json, function.attributes, kWrittenApart);
  json.field("endpoint", function.endpoint)
      .field("codeSize", 0)
      .field("codeChecksum", "0")
      .field("state", "Active")
      .field("lastUpdateStatus", "Successful")
      .field("disabled", function.disabled)
      .field("createdTime", wire_time(function.created_at))
      .field("lastModifiedTime", wire_time(function.modified_at))
      .end_object();
}

}  // namespace ferry::api::fc
