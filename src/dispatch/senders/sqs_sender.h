#pragma once

#include <memory>

#include "base/result.h"
#include "dispatch/senders/sender.h"
#include "http/client.h"

namespace ferry::dispatch {

// Sends to queues of SQS, or of what speaks its JSON protocol (contract section 6). The
// connection's address is the endpoint ("https://sqs.eu-central-1.amazonaws.com"); user, secret and
// token are an access key. Options:
//
//   region      of the signature. Default: the one in an address sqs.{region}.amazonaws.com, else
//               us-east-1.
//   account     of the queues: a queue's URL is {address}/{account}/{queue}.
//   queue_url   instead of account: a queue's URL as a whole, "{queue}" in it being the name.
//
// The record is the message's body; the attributes EventId, x-fcd-lineage and those of the trace go
// along. Messages of a .fifo queue have the event id as deduplication id and the request id as
// group, so that results do not wait for each other. Delivered means 200 with the MD5 of the body.
// Besides what is retryable over HTTP, throttling and an expired signature are (status 400 or 403).
// kInvalidRequest for a bad address or option, a missing key, and where the queues' URLs are
// unknown.
Result<std::unique_ptr<Sender>> make_sqs_sender(http::Client& client, Connection connection);

}  // namespace ferry::dispatch
