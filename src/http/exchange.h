#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "http/byte_budget.h"
#include "http/client.h"
#include "http/party.h"
#include "http/response_reader.h"
#include "http/running_request.h"

namespace ferry::http {

// Memory for the answer of one request.
struct AnswerMemory {
  // What of an answer needs no claim.
  static constexpr std::size_t kFreeBytes = std::size_t{16} << 10;

  std::shared_ptr<ByteBudget> budget;  // null: no bound
  Party party;
};

// Sends one request on the running request's connection and reads its response, beginning while the
// request is still being written. An answer of more than kFreeBytes is read on once the budget has
// granted all that may be kept of it: what is granted always fits. The caller has entered the phase
// of the wait. Afterwards the connection is either open, and may carry another request, or closed.
// kTimedOut, kStopping, kProtocolError, kConnectionLost.
Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, Bytes body,
                                           ResponseReader::Options options,
                                           const AnswerMemory& memory = {});
// The same with a body from a source, whose failure is the result when there is no answer.
Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, BodySource source,
                                           ResponseReader::Options options,
                                           const AnswerMemory& memory = {});

}  // namespace ferry::http
