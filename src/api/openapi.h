#pragma once

#include <string_view>

#include "api/call.h"

namespace ferry::api {

// The OpenAPI description of the whole API: docs/openapi.json, compiled into the binary.
std::string_view openapi_document();

// Serves it, without a token.
Awaitable<Answered> openapi(Call call);

}  // namespace ferry::api
