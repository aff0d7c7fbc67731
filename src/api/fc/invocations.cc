#include "api/fc/invocations.h"

#include <utility>

#include "api/answers.h"
#include "api/fc/invocation_headers.h"
#include "api/fc/passed_request.h"
#include "api/fc/qualifiers.h"
#include "api/fc/stored.h"
#include "api/scalars.h"
#include "base/json_writer.h"
#include "domain/function_call.h"
#include "domain/limits.h"
#include "domain/lineage.h"

namespace ferry::api::fc {
namespace {

Lineage lineage_of(const Call& call) {
  const std::string* text = call.request.head.headers.find(kLineageHeader);
  if (text == nullptr) return {};
  return read_lineage(*text, call.services.context.options.lineage_key).value_or(Lineage{});
}

// What the series of a function are told apart by, besides their owner.
SeriesLabels labels_of(const Address& address) {
  return {{"service", address.service},
          {"function", address.function},
          {"qualifier", address.qualifier}};
}

void count(const Call& call, std::string_view series, SeriesLabels labels) {
  call.services.context.metrics.series.count(series_owner(call.caller.tenant->id), series, labels,
                                             call.now);
}

// A caller who makes names up makes no series of them.
void count_fault(const Call& call, const Address& address, const Fault& fault) {
  const int status = fault_info(fault.code).status;
  if (status == 404) return;
  SeriesLabels labels = labels_of(address);
  count(call, status >= 500 ? "fc_server_errors_total" : "fc_client_errors_total", labels);
  if (fault.code != FaultCode::kThrottled) return;
  labels.emplace_back("kind", "account");
  count(call, "fc_throttles_total", std::move(labels));
}

// ---- Later

// The engine knows one word for all that is absent or there already; its text tells them apart.
Fault invocation_fault(const Error& error, const Address& address) {
  if (error.code == ErrorCode::kConflict) return {FaultCode::kTaskAlreadyExists, error.text};
  if (error.code == ErrorCode::kNotFound && error.text.starts_with("qualifier ")) {
    return unknown_qualifier(address.qualifier);
  }
  return error;
}

engine::Invoke invoke_command(const Call& call, const Address& address, InvocationHeaders headers) {
  engine::Invoke command;
  command.tenant = call.caller.tenant->id;
  command.function = address.name();
  command.qualifier = address.qualifier;
  command.event = call.request.body;
  command.request_id = call.request_id;
  command.task_given = !headers.task_id.empty();
  command.task_id = std::move(headers.task_id);
  command.task_forced = headers.task_forced;
  command.delay = headers.delay;
  command.lineage = lineage_of(call);
  command.caller_ip = call.services.proxies.caller_ip(call.request.head);
  command.trace_context = std::move(headers.trace_context);
  return command;
}

// Both names of the task's id: clients of either generation read their own.
http::ServerResponse accepted_answer(const std::string& task_id) {
  http::ServerResponse response = empty_answer(202);
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("x-fc-async-task-id", task_id);
  response.headers.add("x-fc-stateful-async-invocation-id", task_id);
  return response;
}

Awaitable<Answered> invoke_later(const Call& call, Address address, InvocationHeaders headers) {
  if (call.request.body.size() > limits::kAsyncEventBytesMax) {
    co_return refuse(FaultCode::kEntityTooLarge,
                     "the payload of an asynchronous invocation has more than " +
                         std::to_string(limits::kAsyncEventBytesMax) + " bytes");
  }
  const std::string task_id = headers.task_id.empty() ? call.request_id : headers.task_id;
  const auto invoked = answer_as<engine::Invoked>(co_await call.services.context.engine.call(
      invoke_command(call, address, std::move(headers))));
  if (!invoked) co_return std::unexpected(invocation_fault(invoked.error(), address));
  co_return accepted_answer(task_id);
}

// ---- Now

Checked<FunctionCall> make_call(const Call& call, const Address& address, const Function& function,
                                const InvocationHeaders& headers) {
  if (function.disabled) {
    return invalid_argument("function '" + address.name() + "' is disabled");
  }
  auto lineage = continue_lineage(lineage_of(call), address.name(), call.request_id,
                                  function.recursion_allowed);
  if (!lineage) {
    count(call, "fc_recursion_dropped_total", labels_of(address));
    return std::unexpected(lineage.error());
  }
  Invocation invocation =
      invocation_of(function, address.qualifier, call.request_id,
                    call.services.context.options.function_region, call.caller.tenant->name);
  invocation.lineage = std::move(*lineage);
  return FunctionCall{.endpoint = function.endpoint,
                      .account = call.caller.tenant->name,
                      .invocation = std::make_shared<const Invocation>(std::move(invocation)),
                      .event = call.request.body,
                      .timeout = std::min(function.timeout, timeout_max_of(call)),
                      .retry_count = 0,
                      .trace_context = headers.trace_context};
}

// As the engine counts the attempts of asynchronous invocations.
void count_outcome(const Call& call, const Address& address, const Outcome& outcome) {
  SeriesLabels labels = labels_of(address);
  if (outcome.kind == OutcomeKind::kThrottled) {
    labels.emplace_back("kind", "endpoint");
    return count(call, "fc_throttles_total", std::move(labels));
  }
  call.services.context.metrics.series.observe(series_owner(call.caller.tenant->id),
                                               "fc_invocation_duration_seconds", labels, call.now,
                                               outcome.ended_at - outcome.started_at);
  if (outcome.kind == OutcomeKind::kFailed) count(call, "fc_function_errors_total", labels);
  labels.emplace_back("mode", "sync");
  count(call, "fc_invocations_total", std::move(labels));
}

// The platform's own refusals: the function did not run.
Fault platform_fault(const Outcome& outcome) {
  if (outcome.record_status == 429) {
    return {FaultCode::kFunctionResourceExhausted, outcome.error};
  }
  if (outcome.record_status == 503) return {FaultCode::kUnavailable, outcome.error};
  return {FaultCode::kInternal, outcome.error};
}

// An empty body has no type that a client would parse it by (contract section 0.5).
void add_body(http::ServerResponse& response, const Outcome& outcome) {
  const std::string* type = nullptr;
  if (outcome.response) {
    response.body = outcome.response->body.view();
    if (!response.body.empty()) type = outcome.response->headers.find("Content-Type");
  }
  response.headers.add("Content-Type", type ? *type : "application/octet-stream");
}

void add_log_tail(http::ServerResponse& response, const Outcome& outcome) {
  const std::string* log =
      outcome.response ? outcome.response->headers.find("x-fc-log-result") : nullptr;
  if (log != nullptr) response.headers.add("x-fc-log-result", *log);
}

// A function error is 200 as well, told apart by a header alone.
http::ServerResponse result_answer(const Call& call, const Address& address, const Outcome& outcome,
                                   bool log_tail) {
  http::ServerResponse response;
  add_body(response, outcome);
  response.headers.add("x-fc-invocation-duration",
                       std::to_string((outcome.ended_at - outcome.started_at).count()));
  if (!outcome.condition.empty()) response.headers.add("x-fc-error-type", outcome.condition);
  if (call.has_services()) {
    response.headers.add("x-fc-invocation-service-version", address.qualifier);
  }
  if (log_tail) add_log_tail(response, outcome);
  response.headers.add("Access-Control-Expose-Headers",
                       "Date,x-fc-request-id,x-fc-error-type,x-fc-invocation-duration,"
                       "x-fc-log-result");
  return response;
}

// With `passed` the function must be an HTTP function.
Awaitable<Checked<Outcome>> run(const Call& call, const Address& address,
                                const InvocationHeaders& headers,
                                std::optional<PassedRequest> passed) {
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  if (passed && !has_http_trigger(*function)) {
    co_return refuse(FaultCode::kTriggerNotFound,
                     "function '" + address.name() + "' has no HTTP trigger");
  }
  if (auto known = co_await check_qualifier(call, function, address.qualifier); !known) {
    co_return std::unexpected(known.error());
  }
  CO_ASSIGN_OR_RETURN(FunctionCall invocation, make_call(call, address, *function, headers));
  invocation.passed = std::move(passed);
  const auto share_key = static_cast<std::uint64_t>(call.caller.tenant->id.value);
  Result<Outcome> outcome = co_await call.services.context.call_function(
      std::move(invocation), {.share_key = share_key, .cut = call.request.peer_gone});
  if (!outcome) co_return std::unexpected(Fault(outcome.error()));
  count_outcome(call, address, *outcome);
  co_return std::move(*outcome);
}

Awaitable<Answered> invoke_now(const Call& call, Address address, InvocationHeaders headers) {
  CO_ASSIGN_OR_RETURN(const Outcome outcome, co_await run(call, address, headers, std::nullopt));
  if (outcome.record_status != 200) co_return std::unexpected(platform_fault(outcome));
  co_return result_answer(call, address, outcome, headers.log_tail);
}

// ---- Passed through

Checked<void> check_proxied(const Call& call) {
  if (call.face != Face::k2016) {
    return refuse(FaultCode::kPathNotSupported, "/proxy/ is a path of 2016-08-15 alone");
  }
  if (const std::string* type = call.request.head.headers.find("x-fc-invocation-type");
      type != nullptr && *type != "Sync") {
    return invalid_argument("HTTP functions are called synchronously");
  }
  return {};
}

}  // namespace

Awaitable<Answered> call_http_function(Call call) {
  if (auto checked = check_proxied(call); !checked) co_return std::unexpected(checked.error());
  call.query.clear();  // it is the function's, a qualifier in it as well
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  const InvocationHeaders none;  // the caller's own headers go to the function
  const auto outcome = co_await run(call, address, none, passed_request(call));
  if (outcome) co_return passed_answer(*outcome);
  count_fault(call, address, outcome.error());
  co_return std::unexpected(outcome.error());
}

Awaitable<Answered> invoke_function(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(InvocationHeaders headers,
                      read_invocation_headers(call.request.head.headers));
  // A request id that the caller chose names the task (contract section 1.2).
  const std::string* chosen = call.request.head.headers.find("x-fc-request-id");
  if (headers.task_id.empty() && chosen != nullptr && *chosen == call.request_id) {
    headers.task_id = call.request_id;
  }
  const bool later = headers.asynchronous;
  Answered answered = later ? co_await invoke_later(call, address, std::move(headers))
                            : co_await invoke_now(call, address, std::move(headers));
  if (!answered) count_fault(call, address, answered.error());
  co_return answered;
}

}  // namespace ferry::api::fc
