// What the answers of functions mean (function_caller.h).

#include <charconv>

#include "base/json_writer.h"
#include "dispatch/function_caller.h"
#include "dispatch/outcome_classifier.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kUnhandled = "UnhandledInvocationError";

bool is_success(int status) { return status >= 200 && status <= 299; }

std::optional<int> status_header(const HeaderList& headers) {
  const std::string* value = headers.find("x-fc-status");
  if (value == nullptr) return std::nullopt;
  int status = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), status);
  return error == std::errc{} && end == value->data() + value->size() ? status : -1;
}

// The body of a function that never answered, in the platform's words.
Bytes crash_body(const Error& error, const FunctionCall& call, TimePoint started_at,
                 TimePoint ended_at) {
  JsonWriter json;
  std::string text;
  if (error.code == ErrorCode::kTimedOut) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(call.timeout).count();
    text = "Function timed out after " + std::to_string(seconds) + " seconds";
  } else {
    text = "Process exited unexpectedly before completing request (duration: " +
           std::to_string((ended_at - started_at).count()) + "ms)";
  }
  json.begin_object().field("errorMessage", text).end_object();
  return Bytes::take(std::move(json).take());
}

ResponsePtr share(http::ClientResponse&& answer) {
  return std::make_shared<const Response>(Response{.status = answer.status,
                                                   .headers = std::move(answer.headers),
                                                   .body = std::move(answer.body),
                                                   .truncated = answer.truncated});
}

void unhandled(Outcome& outcome, std::string error) {
  outcome.kind = OutcomeKind::kFailed;
  outcome.condition = kUnhandled;
  outcome.error = std::move(error);
}

void no_room(Outcome& outcome, int status) {
  outcome.kind = OutcomeKind::kThrottled;
  outcome.condition = status == 429 ? "FunctionResourceExhausted" : "ServiceUnavailable";
  outcome.record_status = status;
  outcome.error = "the function has no room: status " + std::to_string(status);
}

Outcome passed_outcome(http::ClientResponse answer, Outcome outcome) {
  outcome.kind = OutcomeKind::kDelivered;
  if (answer.truncated) {
    unhandled(outcome, "the answer of the function is too large");
    answer.body = Bytes::copy(R"({"errorMessage":"the answer of the function is too large"})");
  }
  outcome.response = share(std::move(answer));
  return outcome;
}

}  // namespace

Outcome classify_function(Result<http::ClientResponse> answer, const FunctionCall& call,
                          TimePoint started_at, TimePoint ended_at) {
  Outcome outcome{.started_at = started_at, .ended_at = ended_at};
  if (!answer) {
    unhandled(outcome, answer.error().text);
    outcome.response = std::make_shared<const Response>(
        Response{.body = crash_body(answer.error(), call, started_at, ended_at)});
    return outcome;
  }
  if (call.passed) return passed_outcome(std::move(*answer), std::move(outcome));
  const int status = answer->status;
  const auto said = status_header(answer->headers);
  if (is_success(status) && is_success(said.value_or(200))) {
    outcome.kind = OutcomeKind::kDelivered;
  } else if (!said && (status == 429 || status == 503)) {
    no_room(outcome, status);
    outcome.retry_after = retry_after_of(answer->headers, ended_at);
  } else {
    unhandled(outcome, "function error: status " + std::to_string(status) +
                           (said ? ", x-fc-status " + std::to_string(*said) : std::string()));
  }
  outcome.response = share(std::move(*answer));
  return outcome;
}

Outcome expired_outcome(const Invocation& invocation, TimePoint now) {
  Outcome outcome{.kind = OutcomeKind::kNonRetryable, .started_at = now, .ended_at = now};
  outcome.condition = "EventAgeExceeded";
  outcome.record_status = 500;
  outcome.error = "EventAgeExceeded: the event waited for more than " +
                  std::to_string(invocation.event_age_max / std::chrono::seconds(1)) + " seconds";
  return outcome;
}

}  // namespace ferry::dispatch
