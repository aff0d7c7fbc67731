#pragma once

#include <optional>

#include "base/result.h"
#include "domain/delivery.h"
#include "http/client.h"

namespace ferry::dispatch {

// What an answer, or its absence, means (contract sections 5.3 and 5.5). Times are the caller's.
Outcome classify(Result<http::ClientResponse> answer, TimePoint started_at, TimePoint ended_at);

// The wait that a failing answer asks for: Retry-After, X-RateLimit-Reset,
// X-RateLimit-Reset-Requests, X-RateLimit-Reset-Tokens, the first that can be read; seconds, an
// HTTP date or a Go duration. Nothing when it is negative or longer than limits::kRetryAfterMax.
std::optional<Duration> retry_after_of(const HeaderList& headers, TimePoint now);

}  // namespace ferry::dispatch
