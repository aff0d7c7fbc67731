#pragma once

#include "base/result.h"
#include "dispatch/senders/push_result.h"
#include "http/client.h"

namespace ferry::dispatch {

// What an answer over HTTP, or its absence, means for a push (contract section 4.5): 2xx is
// delivered; no answer, 5xx, 408, 425 and 429 are tried again; every other status ends it. An
// address that cannot or must not be called ends it, too. What the
// server lacked itself is said in PushResult::lack.
PushResult http_result(const Result<http::ClientResponse>& answer);

// Whether a failing status may be another one next time.
bool is_retryable_status(std::int32_t status);

}  // namespace ferry::dispatch
