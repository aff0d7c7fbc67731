#pragma once

#include "api/call.h"

// Flow control (contract section 12). A key is the rest of the path, percent-decoded as a whole, so
// it may have slashes; of a POST the last segment says what to do.

namespace ferry::api {

// All keys; `search` keeps those that contain its text.
Awaitable<Answered> list_flow_keys(Call call);
Awaitable<Answered> get_flow_key(Call call);

// …/{key}/pause, resume, pin, unpin, resetRate (once: reset). A key that is unknown is created.
Awaitable<Answered> change_flow_key(Call call);

// {"parallelismMax":N,"parallelismCount":n}
Awaitable<Answered> get_global_parallelism(Call call);

}  // namespace ferry::api
