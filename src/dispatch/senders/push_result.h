#pragma once

#include <string>
#include <string_view>

#include "dispatch/senders/sender.h"

// How senders say what became of a push.

namespace ferry::dispatch {

PushResult push_delivered(std::int32_t status, std::string_view answer = {});
// Another attempt may succeed.
PushResult push_failed(std::int32_t status, std::string error, std::string_view answer = {});
// No other attempt can succeed.
PushResult push_refused(std::int32_t status, std::string error, std::string_view answer = {});

// The server lacked something of its own and sent nothing.
PushResult push_not_sent(ErrorCode lack, std::string error);

// Bytes that a push over this connection may have on the wire.
std::size_t wire_bytes_max(const Connection& connection);
// kNonRetryable with 413 when `bytes` are more than that; otherwise nothing.
std::optional<PushResult> refuse_too_large(const Connection& connection, std::size_t bytes);

}  // namespace ferry::dispatch
