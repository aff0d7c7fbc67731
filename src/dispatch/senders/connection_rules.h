#pragma once

#include <string_view>

#include "base/result.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// The kind of that name as connection URLs spell it ("kafka", "amqp", …); kInvalidRequest for what
// needs no connection (http, a function) and for any other text.
Result<PushKind> connection_kind(std::string_view name);

// Says what is wrong with a connection before anything is sent by it: no address or a malformed
// one, an option that its kind does not have or whose value makes no sense, TLS where there is
// none. The text names the field, not the connection, and no secret. A sender may rely on it.
Result<void> check_connection(const Connection& connection);

}  // namespace ferry::dispatch
