#pragma once

#include "api/call.h"

// What an orchestrator asks, without a token (contract section 17).

namespace ferry::api {

// The process answers.
Awaitable<Answered> health(Call call);

// 200 once the store is open and recovery is done, else 503.
Awaitable<Answered> readiness(Call call);

Awaitable<Answered> version(Call call);

}  // namespace ferry::api
