#pragma once

#include "base/bytes.h"
#include "base/json.h"
#include "base/json_parser.h"
#include "http/awaitable.h"

// Bodies of requests read as JSON in slices, so that no body holds its thread (http/cpu_slice.h).

namespace ferry::api {

// kInvalidBody.
Awaitable<Result<JsonDocument>> parse_json_body(Bytes body);

// The body is an array; `take` is given its elements as they end, each within the limits.
// kInvalidBody, kTooLarge or the error of `take`.
Awaitable<Result<void>> for_each_element(Bytes body, JsonParser::TakeElement take,
                                         JsonLimits limits = {});

}  // namespace ferry::api
