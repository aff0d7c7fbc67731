#pragma once

#include <string_view>

#include "base/header_list.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

inline constexpr std::string_view kEventIdHeader = "x-fcd-event-id";
inline constexpr std::string_view kRequestIdHeader = "x-fc-request-id";

// What travels beside the body in a broker's own headers, in this order and without empty ones:
// x-fcd-event-id, x-fc-request-id, x-fcd-lineage, then those of the trace (contract section 7).
HeaderList native_headers(const Push& push);

}  // namespace ferry::dispatch
