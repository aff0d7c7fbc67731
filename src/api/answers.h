#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "domain/tenant.h"
#include "engine/protocol.h"
#include "http/types.h"

namespace ferry::api {

http::ServerResponse json_answer(std::string body, int status = 200);

// {"error": text} with the code's status, its slug in Ferry-Error-Code, and Retry-After on 503
// (contract section 0.2).
http::ServerResponse error_answer(const Error& error);

// The daily family of rate-limit fields (contract section 16.2), which every answer to a tenant
// with a daily limit carries: SDKs tell a spent day from a burst by them. `used` may be of an
// earlier day.
void add_daily_limit(http::ServerResponse& response, const Tenant& tenant,
                     const engine::DailyUsage& used, TimePoint now);

}  // namespace ferry::api
