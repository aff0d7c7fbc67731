#pragma once

#include <cstdint>
#include <memory>

#include "dispatch/senders/sender.h"
#include "http/client.h"

namespace ferry::dispatch {

// Pushes to http and https URLs (contract section 5.5): the record itself, or a CloudEvent in
// structured or binary mode, as the target's mode says. Sends
//
//   Ferry-Event-Id       the event id
//   Upstash-Signature    the JWT of published messages, when the push has a signing key
//   webhook-id, webhook-timestamp, webhook-signature
//                        Standard Webhooks 1.0 with the event id, for a tenant that wants them
//   x-fcd-lineage        when there is one
//   traceparent, tracestate, baggage
//
// 2xx is delivered. Size limits are those of `connection`, of which nothing else counts. `client`
// outlives the sender; `seed` is for the ids of signatures.
std::unique_ptr<Sender> make_http_sender(http::Client& client, Connection connection,
                                         std::uint64_t seed);

}  // namespace ferry::dispatch
