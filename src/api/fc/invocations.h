#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// Runs a function with the body as its event (contract section 1.2): later, answered with 202 once
// the event is stored, or now, answered with what the function returned.
Awaitable<Answered> invoke_function(Call call);

// Calls an HTTP function with the request as it came, and answers with what it answered (contract
// sections 1.2 and 3).
Awaitable<Answered> call_http_function(Call call);

}  // namespace ferry::api::fc
