#pragma once

#include "api/call.h"
#include "api/filters.h"

namespace ferry::api {

// What a list, or a bulk call, asks for in its query and in a JSON body of the same names.
// kInvalidBody, kInvalidFilter.
Awaitable<Result<ListRequest>> read_list_call(ListKind kind, const Call& call);

}  // namespace ferry::api
