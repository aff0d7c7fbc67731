#pragma once

#include <memory>

#include "base/result.h"
#include "dispatch/senders/sender.h"
#include "http/client.h"

namespace ferry::dispatch {

// Sends to queues and topics of MNS (contract section 5.1). The connection's address is the
// account's endpoint ("https://1234.mns.cn-shanghai.aliyuncs.com"); user, secret and token are an
// access key. Options:
//
//   base64   "true": the message body is the record in base64, which the service's own clients
//            decode; "false": the record as text. Default "true".
//
// Delivered means 2xx with the MD5 of the body that was sent. Besides what is retryable over HTTP,
// QpsLimitExceeded is (the service answers it with status 400). kInvalidRequest for a bad address
// or option and for a missing key.
Result<std::unique_ptr<Sender>> make_mns_sender(http::Client& client, Connection connection);

}  // namespace ferry::dispatch
