#pragma once

#include <string>

#include "api/fc/faults.h"
#include "base/header_list.h"
#include "base/time.h"

namespace ferry::api::fc {

// The options of an invocation, from its x-fc-* headers (contract section 1.2).
struct InvocationHeaders {
  bool asynchronous = false;  // x-fc-invocation-type: Async
  bool log_tail = false;      // x-fc-log-type: Tail
  // x-fc-async-task-id or x-fc-stateful-async-invocation-id; else a request id that the caller set;
  // else empty.
  std::string task_id;
  bool task_forced = false;  // x-fc-stateful-async-invocation-enable
  Duration delay{0};         // x-fc-async-delay
  std::string trace_context;
};

// kInvalidArgument names the header.
Checked<InvocationHeaders> read_invocation_headers(const HeaderList& headers);

}  // namespace ferry::api::fc
