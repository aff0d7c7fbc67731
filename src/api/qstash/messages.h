#pragma once

#include "api/call.h"

// One or several messages by id (contract section 10).

namespace ferry::api {

// A pending message, or one that ended less than Options::finished_visible ago; else 404.
Awaitable<Answered> get_message(Call call);

// {"cancelled":1}; 404 for an id that is unknown, finished or cancelled already.
Awaitable<Answered> cancel_message(Call call);

// {"cancelled":N} for the messageIds of query or body, unknown ones skipped.
Awaitable<Answered> cancel_messages(Call call);

}  // namespace ferry::api
