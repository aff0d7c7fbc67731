#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// Versions and aliases (contract section 1.4): of a function in the 3.0 API, of a service in
// the 2.0 APIs. All of them are called at the function's one endpoint; they differ by what runs
// after them, the asynchronous configuration of their qualifier.
Awaitable<Answered> publish_version(Call call);
Awaitable<Answered> list_versions(Call call);
Awaitable<Answered> delete_version(Call call);
Awaitable<Answered> create_alias(Call call);
Awaitable<Answered> list_aliases(Call call);
Awaitable<Answered> get_alias(Call call);
Awaitable<Answered> update_alias(Call call);
Awaitable<Answered> delete_alias(Call call);

}  // namespace ferry::api::fc
