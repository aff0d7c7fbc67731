#pragma once

#include "api/call.h"

// The event log (contract section 14).

namespace ferry::api {

// GET /v2/events: {"cursor"?, "events":[…]}.
Awaitable<Answered> list_events(Call call);

// GET /v2/logs: the same with the array under "logs" as well, and grouped by message under
// "messages" when the call asks for one message.
Awaitable<Answered> list_logs(Call call);

// Both, with groupBy=messageId: {"cursor"?, "messages":[{…,"events":[…]},…]}. A message stands
// where its CREATED event (or the first event of the states asked for) stands, and brings all its
// events.

}  // namespace ferry::api
