#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/fc/call.h"
#include "api/fc/task_state.h"
#include "domain/message.h"
#include "store/store.h"

namespace ferry::api::fc {

// Which tasks of a function to list.
struct TaskFilter {
  std::string prefix;                                 // of their ids
  std::string status;                                 // empty: any
  std::string qualifier;                              // empty: any
  std::optional<TimePoint> started_from, started_to;  // inclusive
};

struct TaskQuery {
  TenantId tenant;
  std::string function;  // its resource name
  TaskFilter filter;
  bool oldest_first = false;
  std::size_t limit = 20;
  std::string cursor;
  TimePoint kept_from;  // older ones are forgotten
};

// From the query of a list call. kInvalidArgument.
Checked<TaskQuery> read_task_query(const Call& call, std::string function);

inline constexpr std::size_t kTaskPageBytes = 256u << 10;

struct TaskPage {
  std::vector<Task> tasks;
  std::string cursor;      // empty: that was the last page
  bool cut_short = false;  // enough was looked at, before the page had what it may have
};

// Reads tasks in slices until the page has its limit of them or kTaskPageBytes. A filter that few
// pass ends a page early, with a cursor to go on from. Blocks: for reader threads.
Result<TaskPage> find_tasks(store::Store& store, const TaskQuery& query);

// The task of an invocation that is this delivery. Blocks.
Result<Task> read_task(store::Store& store, MessagePtr message, DeliveryId delivery);

}  // namespace ferry::api::fc
