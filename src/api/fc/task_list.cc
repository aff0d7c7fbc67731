#include "api/fc/task_list.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/scalars.h"
#include "domain/invocation.h"
#include "domain/limits.h"

namespace ferry::api::fc {
namespace {

constexpr std::int64_t kLimitMax = 100;
constexpr int kSlicesMax = 250;  // of one page, so that a reader ends soon
constexpr std::size_t kSliceTasks = 10;
constexpr std::size_t kEventBytesAtOnce = 1u << 20;

using EventsByDelivery = std::map<DeliveryId, std::vector<Event>>;

// What is stored about tasks, by the deliveries that they are.
struct TaskEvents {
  EventsByDelivery own;
  EventsByDelivery pushes;
};

DeliveryId own_delivery(const store::LoggedEvent& logged) { return logged.delivery.id; }
DeliveryId source_delivery(const store::LoggedEvent& logged) {
  return logged.message ? logged.message->source : DeliveryId{};
}

// All events that pass, in order of time.
Result<EventsByDelivery> read_events(store::Store& store, store::ListFilter filter,
                                     DeliveryId (*key)(const store::LoggedEvent&)) {
  EventsByDelivery events;
  store::PageRequest page;
  page.filter = std::move(filter);
  page.order = store::Order::kEarliestFirst;
  page.count = limits::kEventPageMax;
  page.bytes_max = kEventBytesAtOnce;
  do {
    ASSIGN_OR_RETURN(store::EventPage read, store.events(page));
    for (store::LoggedEvent& logged : read.events) {
      std::vector<Event>& known = events[key(logged)];
      // Only the last response is ever shown.
      if (logged.event.response) {
        for (Event& earlier : known) earlier.response.reset();
      }
      known.push_back(std::move(logged.event));
    }
    page.cursor = std::move(read.cursor);
    page.waits_for_barrier = false;
  } while (!page.cursor.empty());
  return events;
}

bool has_destination(const Message& message) {
  return !message.on_success.empty() || !message.on_failure.empty();
}

// Pushes are found by their label, which only those of tasks have.
Result<TaskEvents> read_task_events(store::Store& store,
                                    const std::vector<store::LoggedEvent>& created) {
  TaskEvents events;
  store::ListFilter own, pushes;
  for (const store::LoggedEvent& logged : created) {
    own.tenant = pushes.tenant = logged.delivery.tenant;
    own.deliveries.push_back(logged.delivery.id);
    if (logged.message && has_destination(*logged.message)) {
      pushes.labels.push_back(push_label(logged.delivery.id));
    }
  }
  if (!own.deliveries.empty()) {
    ASSIGN_OR_RETURN(events.own, read_events(store, std::move(own), own_delivery));
  }
  if (!pushes.labels.empty()) {
    ASSIGN_OR_RETURN(events.pushes, read_events(store, std::move(pushes), source_delivery));
  }
  return events;
}

bool passes(const TaskFilter& filter, const Task& task) {
  const Invocation& invocation = *task.message->invocation;
  if (!invocation.task_id.starts_with(filter.prefix)) return false;
  if (!filter.qualifier.empty() && invocation.qualifier != filter.qualifier) return false;
  const TaskState state = task_state(task.events);
  if (!filter.status.empty() && state.status != filter.status) return false;
  if (filter.started_from && (!state.started_at || *state.started_at < *filter.started_from)) {
    return false;
  }
  return !filter.started_to || (state.started_at && *state.started_at <= *filter.started_to);
}

// Every task begins with a CREATED event of its function's label.
store::PageRequest slice_of(const TaskQuery& query) {
  store::PageRequest slice;
  slice.filter.tenant = query.tenant;
  slice.filter.labels = {task_label(query.function)};
  slice.filter.states = state_bit(EventState::kCreated);
  slice.filter.from = query.kept_from;
  slice.order = query.oldest_first ? store::Order::kEarliestFirst : store::Order::kLatestFirst;
  slice.cursor = query.cursor;
  return slice;
}

Result<void> add_tasks(store::Store& store, const TaskQuery& query,
                       std::vector<store::LoggedEvent> created, std::vector<Task>& tasks) {
  ASSIGN_OR_RETURN(TaskEvents events, read_task_events(store, created));
  for (store::LoggedEvent& logged : created) {
    if (!logged.message || !logged.message->invocation) continue;
    const DeliveryId id = logged.delivery.id;
    Task task{std::move(logged.message), std::move(events.own[id]), std::move(events.pushes[id])};
    if (passes(query.filter, task)) tasks.push_back(std::move(task));
  }
  return {};
}

Checked<std::optional<TimePoint>> time_parameter(const Call& call, std::string_view name) {
  const auto text = call.query_value(name);
  if (!text || text->empty()) return std::nullopt;
  const auto ms = parse_integer(*text);
  if (!ms || *ms > to_unix_ms(call.now + limits::kDelayMax)) {
    return invalid_argument(std::string(name) + " must be a time in milliseconds");
  }
  return from_unix_ms(*ms);
}

Checked<TaskFilter> read_filter(const Call& call) {
  TaskFilter filter;
  filter.prefix =
      call.query_value(call.has_services() ? "invocationIdPrefix" : "prefix").value_or("");
  filter.status = call.query_value("status").value_or("");
  if (!filter.status.empty() && !is_task_status(filter.status)) {
    return invalid_argument("status is no status of tasks");
  }
  filter.qualifier = call.query_value("qualifier").value_or("");
  ASSIGN_OR_RETURN(filter.started_from, time_parameter(call, "startedTimeBegin"));
  ASSIGN_OR_RETURN(filter.started_to, time_parameter(call, "startedTimeEnd"));
  return filter;
}

std::size_t bytes_of(const Task& task) {
  std::size_t bytes = task.message->body.size();
  for (const Event& event : task.events) {
    bytes += event.response ? event.response->body.size() : 0;
  }
  return bytes;
}

}  // namespace

Checked<TaskQuery> read_task_query(const Call& call, std::string function) {
  TaskQuery query;
  query.tenant = call.caller.tenant->id;
  query.function = std::move(function);
  query.kept_from = call.now - limits::kTasksKept;
  ASSIGN_OR_RETURN(query.filter, read_filter(call));
  const std::string_view order = call.query_value("sortOrderByTime").value_or("desc");
  if (order != "asc" && order != "desc") {
    return invalid_argument("sortOrderByTime must be asc or desc");
  }
  query.oldest_first = order == "asc";
  if (const auto text = call.query_value("limit"); text && !text->empty()) {
    const auto limit = parse_integer(*text);
    if (!limit || *limit < 1 || *limit > kLimitMax) {
      return invalid_argument("limit must be a whole number from 1 to " +
                              std::to_string(kLimitMax));
    }
    query.limit = static_cast<std::size_t>(*limit);
  }
  query.cursor = call.query_value("nextToken").value_or("");
  return query;
}

Result<TaskPage> find_tasks(store::Store& store, const TaskQuery& query) {
  TaskPage page;
  store::PageRequest slice = slice_of(query);
  std::size_t bytes = 0;
  for (int slices = 0; page.tasks.size() < query.limit && bytes < kTaskPageBytes; ++slices) {
    if (slices == kSlicesMax) {
      page.cut_short = true;
      break;
    }
    // Never more than still fit, so that the cursor stands behind the last task of the page.
    slice.count =
        static_cast<std::uint32_t>(std::min(kSliceTasks, query.limit - page.tasks.size()));
    ASSIGN_OR_RETURN(store::EventPage created, store.events(slice));
    const std::size_t known = page.tasks.size();
    RETURN_IF_ERROR(add_tasks(store, query, std::move(created.events), page.tasks));
    for (std::size_t i = known; i < page.tasks.size(); ++i) bytes += bytes_of(page.tasks[i]);
    slice.waits_for_barrier = false;
    slice.cursor = std::move(created.cursor);
    if (slice.cursor.empty()) break;
  }
  page.cursor = std::move(slice.cursor);
  return page;
}

Result<Task> read_task(store::Store& store, MessagePtr message, DeliveryId delivery) {
  std::vector<store::LoggedEvent> created(1);
  created.front().delivery.id = delivery;
  created.front().delivery.tenant = message->tenant;
  created.front().message = message;
  ASSIGN_OR_RETURN(TaskEvents events, read_task_events(store, created));
  return Task{std::move(message), std::move(events.own[delivery]),
              std::move(events.pushes[delivery])};
}

}  // namespace ferry::api::fc
