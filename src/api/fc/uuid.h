#pragma once

#include <string>

namespace ferry::api::fc {

// A random UUID (RFC 9562 section 5.4): ids of functions and services.
std::string make_uuid();

}  // namespace ferry::api::fc
