#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "http/client.h"
#include "http/response_reader.h"
#include "http/running_request.h"

namespace ferry::http {

// Sends one request on the running request's connection and reads its response, beginning while the
// request is still being written. The caller has entered the phase of the wait. Afterwards the
// connection is either open, and may carry another request, or closed. kTimedOut, kStopping,
// kProtocolError, kConnectionLost.
Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, Bytes body,
                                           ResponseReader::Options options);
// The same with a body from a source, whose failure is the result when there is no answer.
Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, BodySource source,
                                           ResponseReader::Options options);

}  // namespace ferry::http
