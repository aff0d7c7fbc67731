#pragma once

#include "api/call.h"

namespace ferry::api {

// The Prometheus text, for the bearer of Options::metrics_token; 404 when no token is set.
Awaitable<Answered> metrics_page(Call call);

}  // namespace ferry::api
