#pragma once

#include <memory>

#include "dispatch/pushes.h"
#include "dispatch/senders/sender.h"
#include "http/client.h"

namespace ferry::dispatch {

// The sender of a connection's kind; kInvalidRequest for settings that it cannot use and for kFunction,
// which is no place outside. `io` and `client` outlive the sender; `seed` is for nonces.
Result<std::unique_ptr<Sender>> make_sender(asio::io_context& io, http::Client& client,
                                            const Connection& connection, std::uint64_t seed);

// The same, as Pushes asks for it.
MakeSender sender_maker(asio::io_context& io, http::Client& client);

}  // namespace ferry::dispatch
