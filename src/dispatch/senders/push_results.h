#pragma once

#include <cstdint>
#include <string>

#include "base/header_list.h"
#include "dispatch/senders/sender.h"

// What the senders of brokers share: the three ways in which a push ends, and what travels beside
// its body.

namespace ferry::dispatch {

PushResult delivered(std::string answer);
// `status` is the nearest of HTTP, 0 when nobody answered.
PushResult try_again(std::int32_t status, std::string error);
PushResult give_up(std::int32_t status, std::string error);

inline constexpr std::string_view kEventIdHeader = "x-fcd-event-id";
inline constexpr std::string_view kRequestIdHeader = "x-fc-request-id";

// The native headers of a broker's message, in this order and without empty ones: x-fcd-event-id,
// x-fc-request-id, x-fcd-lineage, then those of the trace (contract section 7).
HeaderList native_headers(const Push& push);

}  // namespace ferry::dispatch
