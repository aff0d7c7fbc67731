#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// What the 2.0 APIs group functions by (contract section 1.5).
Awaitable<Answered> create_service(Call call);
Awaitable<Answered> list_services(Call call);
Awaitable<Answered> get_service(Call call);
Awaitable<Answered> update_service(Call call);
// kServiceNotEmpty while it has functions.
Awaitable<Answered> delete_service(Call call);

}  // namespace ferry::api::fc
