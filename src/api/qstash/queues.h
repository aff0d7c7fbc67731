#pragma once

#include "api/call.h"

// Queues (contract section 3.2).

namespace ferry::api {

Awaitable<Answered> list_queues(Call call);
Awaitable<Answered> get_queue(Call call);

// Creates the queue, or changes what the body gives of it.
Awaitable<Answered> save_queue(Call call);

// Also when there is no such queue. Its undelivered messages are cancelled; an attempt that runs
// ends and is not tried again.
Awaitable<Answered> delete_queue(Call call);

Awaitable<Answered> pause_queue(Call call);
Awaitable<Answered> resume_queue(Call call);

}  // namespace ferry::api
