#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "domain/event.h"
#include "domain/message.h"

namespace ferry::api::fc {

// What a task has come to, read off its events.
struct TaskState {
  std::string_view status = "Enqueued";
  std::optional<TimePoint> started_at;  // of the first attempt
  std::optional<TimePoint> ended_at;
  std::int32_t retries = 0;
  std::string error;     // of the last attempt that failed
  ResponsePtr response;  // of the last attempt, where it was kept
};

// `events` are all of one delivery, in order of time.
TaskState task_state(const std::vector<Event>& events);

struct Task {
  MessagePtr message;              // of an invocation
  std::vector<Event> events;       // in order of time
  std::vector<Event> push_events;  // of the push of its result; none when nothing was pushed
};

// What became of the push of a result: Succeeded or Failed, empty while it is under way and when
// there was nothing to push.
std::string_view destination_status(const std::vector<Event>& push_events);

// Whether `word` is a status of tasks.
bool is_task_status(std::string_view word);

struct ShownTask {
  std::string_view region;
  std::string_view account;
  bool with_services = false;  // the names of the 2.0 APIs
  bool with_payloads = false;
  bool with_events = false;
};

// A task as an object of the API. Payloads that are no UTF-8 have their bad bytes replaced.
void write_task(JsonWriter& json, const Task& task, const ShownTask& shown);

}  // namespace ferry::api::fc
