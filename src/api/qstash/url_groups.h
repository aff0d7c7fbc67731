#pragma once

#include "api/call.h"

// URL groups, "topics" on the wire (contract section 8).

namespace ferry::api {

inline constexpr std::size_t kEndpointsMax = 100;  // of one group, contract section 16.1

Awaitable<Answered> list_url_groups(Call call);
Awaitable<Answered> get_url_group(Call call);

// Adds or changes endpoints of the group, which is created if there is none.
Awaitable<Answered> save_endpoints(Call call);
// By name, by URL or by both; the last one takes the group along.
Awaitable<Answered> delete_endpoints(Call call);

// Replaces the default headers: {"headers": {…}}, where {} and null clear them.
Awaitable<Answered> save_group_defaults(Call call);

// Also when there is no such group.
Awaitable<Answered> delete_url_group(Call call);

}  // namespace ferry::api
