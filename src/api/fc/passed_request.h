#pragma once

#include "api/fc/call.h"
#include "domain/delivery.h"
#include "domain/function_call.h"

// HTTP functions: their callers' requests, and their answers, pass through (contract section 3).

namespace ferry::api::fc {

// What the function gets of a call of /2016-08-15/proxy/{service}/{function}/{path}: method, path,
// query and headers as they came, without what is about the connection or says who the caller is.
PassedRequest passed_request(const Call& call);

// What the caller gets of the function's answer; 502 with x-fc-error-type when there was none.
http::ServerResponse passed_answer(const Outcome& outcome);

}  // namespace ferry::api::fc
