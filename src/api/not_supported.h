#pragma once

#include <string_view>

#include "api/call.h"

// What belongs to the API but not to this version of the server: refused by name
// (kNotSupportedYet), never accepted and ignored.

namespace ferry::api {

inline constexpr std::string_view kNoQueuesYet = "queues are not supported yet";
inline constexpr std::string_view kNoGroupsYet = "URL groups are not supported yet";
inline constexpr std::string_view kNoSchedulesYet = "schedules are not supported yet";
inline constexpr std::string_view kNoFlowControlYet = "flow control is not supported yet";
inline constexpr std::string_view kNoOrderingKeysYet = "ordering keys are not supported yet";

// 400 with the text of the route's row.
Awaitable<Answered> not_supported_yet(Call call);

// `[]`: the list of things that nobody can have made.
Awaitable<Answered> empty_list(Call call);

}  // namespace ferry::api
