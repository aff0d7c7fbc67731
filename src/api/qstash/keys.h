#pragma once

#include "api/call.h"

// The tenant's signing keys (contract section 13).

namespace ferry::api {

Awaitable<Answered> get_keys(Call call);

// The next key becomes the current one, a new one the next.
Awaitable<Answered> rotate_keys(Call call);

}  // namespace ferry::api
