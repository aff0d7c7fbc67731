#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// How asynchronous invocations of one qualifier go (contract section 1.3). `put` replaces the whole
// configuration. One that makes results run in a circle is warned of with the header x-fc-warning:
// DestinationLoop, or refused where the operator wants that.
Awaitable<Answered> put_async_config(Call call);
Awaitable<Answered> get_async_config(Call call);
Awaitable<Answered> delete_async_config(Call call);
// Of one function, or of all of the account.
Awaitable<Answered> list_async_configs(Call call);
// The qualifiers in task mode.
Awaitable<Answered> list_task_functions(Call call);

}  // namespace ferry::api::fc
