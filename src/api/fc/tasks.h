#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// Tasks (contract section 2.2): asynchronous invocations in task mode, known by an id for a week.
// A task is a message of its function's label; its states are those of the message's events.
Awaitable<Answered> get_task(Call call);
Awaitable<Answered> list_tasks(Call call);
// 204; kInvalidArgument for a task that has ended.
Awaitable<Answered> stop_task(Call call);

}  // namespace ferry::api::fc
