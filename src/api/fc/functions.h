#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// Functions: named HTTP endpoints (contract section 1.5).
Awaitable<Answered> create_function(Call call);
Awaitable<Answered> list_functions(Call call);
Awaitable<Answered> get_function(Call call);
Awaitable<Answered> update_function(Call call);
Awaitable<Answered> delete_function(Call call);
// No invocation is taken while it is disabled; what waits already goes on.
Awaitable<Answered> disable_function(Call call);
Awaitable<Answered> enable_function(Call call);
// How many of its asynchronous invocations run at once: reservedConcurrency.
Awaitable<Answered> put_concurrency(Call call);
Awaitable<Answered> get_concurrency(Call call);
Awaitable<Answered> delete_concurrency(Call call);

}  // namespace ferry::api::fc
