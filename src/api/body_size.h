#pragma once

#include <cstddef>

#include "http/types.h"

namespace ferry::api {

// A Content-Length that says the body is too large, so that it is refused unread.
bool announces_more_than(const http::RequestHead& head, std::size_t bytes_max);

}  // namespace ferry::api
