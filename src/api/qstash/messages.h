#pragma once

#include "api/call.h"

// Messages that are pending, or just ended (contract section 10).

namespace ferry::api {

// A pending message, or one that ended less than Options::finished_visible ago; else 404.
Awaitable<Answered> get_message(Call call);

// {"cancelled":1}; 404 for an id that is unknown, finished or cancelled already.
Awaitable<Answered> cancel_message(Call call);

// DELETE /v2/messages: {"cancelled":N} for the messageIds of query or body, unknown ones skipped;
// or for what the filters find, at most `count` (1 to 500) of them, oldest first. Neither:
// everything.
Awaitable<Answered> cancel_messages(Call call);

// GET /v2/messages, an addition of this server: {"cursor"?, "messages":[…]}, what is pending. The
// filters of the bulk cancel, with `cursor`, `count` (1 to 100, which is also the default), `order`
// (latestFirst, which is the default, or earliestFirst) and `trimBody`.
Awaitable<Answered> list_messages(Call call);

}  // namespace ferry::api
