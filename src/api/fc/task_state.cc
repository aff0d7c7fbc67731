#include "api/fc/task_state.h"

#include <algorithm>

#include "domain/function.h"

namespace ferry::api::fc {
namespace {

constexpr std::string_view kExpired = "EventAgeExceeded";

// Dequeued and Invalid are words of the platform for what does not happen here: an event that is
// taken is run at once, and a function that is gone makes its events fail.
constexpr std::string_view kStatuses[] = {"Enqueued",  "Dequeued", "Running",  "Retrying",
                                          "Succeeded", "Failed",   "Stopping", "Stopped",
                                          "Expired",   "Invalid"};

std::string_view status_of(const Event& event) {
  switch (event.state) {
    case EventState::kCreated:
      return "Enqueued";
    case EventState::kActive:
      return "Running";
    case EventState::kError:
    case EventState::kRetry:
      return "Retrying";
    case EventState::kDelivered:
      return "Succeeded";
    case EventState::kFailed:
      return event.error.starts_with(kExpired) ? "Expired" : "Failed";
    case EventState::kCancelRequested:
      return "Stopping";
    case EventState::kCanceled:
      return "Stopped";
  }
  return "Enqueued";
}

bool is_final(EventState state) {
  return state == EventState::kDelivered || state == EventState::kFailed ||
         state == EventState::kCanceled;
}

void write_events(JsonWriter& json, const std::vector<Event>& events) {
  json.key("events").begin_array();
  std::int64_t number = 0;
  for (const Event& event : events) {
    json.begin_object()
        .field("eventId", ++number)
        .field("status", status_of(event))
        .field("timestamp", to_unix_ms(event.time))
        .field("eventDetail", event.error)
        .end_object();
  }
  json.end_array();
}

void write_names(JsonWriter& json, const Invocation& invocation, const ShownTask& shown) {
  if (shown.with_services) {
    json.field("serviceName", invocation.service)
        .field("functionName", invocation.function)
        .field("invocationId", invocation.task_id);
  } else {
    json.field("functionArn", function_arn(invocation.service, invocation.function,
                                           invocation.qualifier, shown.region, shown.account))
        .field("taskId", invocation.task_id);
  }
  json.field("qualifier", invocation.qualifier).field("requestId", invocation.request_id);
}

void write_times(JsonWriter& json, const TaskState& state) {
  if (state.started_at) json.field("startedTime", to_unix_ms(*state.started_at));
  if (!state.ended_at) return;
  json.field("endTime", to_unix_ms(*state.ended_at));
  const TimePoint start = state.started_at.value_or(*state.ended_at);
  json.field("durationMs", static_cast<std::int64_t>((*state.ended_at - start).count()));
}

}  // namespace

TaskState task_state(const std::vector<Event>& events) {
  TaskState state;
  std::int32_t attempts = 0;
  for (const Event& event : events) {
    state.status = status_of(event);
    if (event.state == EventState::kActive) {
      ++attempts;
      if (!state.started_at) state.started_at = event.time;
    }
    if (is_final(event.state)) state.ended_at = event.time;
    if (!event.error.empty()) state.error = event.error;
    if (event.response) state.response = event.response;
  }
  if (state.status == "Succeeded") state.error.clear();
  state.retries = std::max(attempts - 1, 0);
  return state;
}

bool is_task_status(std::string_view word) {
  return std::ranges::find(kStatuses, word) != std::end(kStatuses);
}

std::string_view destination_status(const std::vector<Event>& push_events) {
  if (push_events.empty() || !is_final(push_events.back().state)) return "";
  return push_events.back().state == EventState::kDelivered ? "Succeeded" : "Failed";
}

void write_task(JsonWriter& json, const Task& task, const ShownTask& shown) {
  const TaskState state = task_state(task.events);
  json.begin_object();
  write_names(json, *task.message->invocation, shown);
  json.field("status", state.status).field("alreadyRetriedTimes", state.retries);
  json.field("destinationStatus", destination_status(task.push_events));
  write_times(json, state);
  if (shown.with_payloads) {
    json.field(shown.with_services ? "invocationPayload" : "taskPayload",
               task.message->body.view());
    if (state.response) json.field("returnPayload", state.response->body.view());
  }
  json.field_if(shown.with_services ? "invocationErrorMessage" : "taskErrorMessage", state.error);
  if (shown.with_events) write_events(json, task.events);
  json.end_object();
}

}  // namespace ferry::api::fc
