#pragma once

#include <string_view>

#include "api/fc/faults.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "domain/function.h"
#include "http/address_guard.h"

namespace ferry::api::fc {

// Puts the members of a request on top of the fields that the function has, and takes from all of
// them what the server itself goes by (contract section 1.5). Members it does not know are kept and
// shown again; `code` is not: no code is run here. kInvalidArgument for a value out of its range,
// and for a function whose endpoint is not told or must not be called.
//
// The endpoint is the first of: the member `x-endpoint-url`, the environment variable
// FC_ENDPOINT_URL, and the port of a custom runtime or container, on this machine. Times that are
// not told are at most `timeout_max`; the engine refuses others that are longer.
Checked<void> put_fields(Function& function, const JsonValue& members,
                         const http::AddressGuard& guard, Duration timeout_max);

// What a 2.0 function has of its service: the log store.
Checked<void> put_service_fields(Function& function, const Service& service);

// The function as an object of the API; `region` and `account` are of its ARN.
void write_function(JsonWriter& json, const Function& function, std::string_view region,
                    std::string_view account);

}  // namespace ferry::api::fc
