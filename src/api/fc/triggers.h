#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// Triggers of type "http" (contract section 1.5): they make a function an HTTP function, which
// cannot be a destination. What else they say is kept and shown.
Awaitable<Answered> create_trigger(Call call);
Awaitable<Answered> list_triggers(Call call);
Awaitable<Answered> get_trigger(Call call);
Awaitable<Answered> update_trigger(Call call);
Awaitable<Answered> delete_trigger(Call call);

}  // namespace ferry::api::fc
