#pragma once

#include "http/types.h"

// Browsers may call the API from any origin: it knows no cookies, only tokens (contract
// section 1.4).

namespace ferry::api {

// The answer to OPTIONS on any path.
http::ServerResponse preflight_answer(const http::RequestHead& head);

// Marks an answer as readable by any origin; `from_browser` also names the fields it may read.
void allow_any_origin(http::ServerResponse& response, bool from_browser);

}  // namespace ferry::api
