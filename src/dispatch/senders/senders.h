#pragma once

#include <cstdint>
#include <memory>

#include "base/metrics.h"
#include "base/result.h"
#include "dispatch/senders/sender.h"
#include "http/client.h"
#include "http/pooled_client.h"

namespace ferry::dispatch {

// What senders stand on; all of it outlives them and belongs to their I/O thread.
struct SenderParts {
  asio::io_context& io;
  http::Client& client;           // for URLs that users chose: it guards the addresses
  http::Client& operator_client;  // for addresses that the operator configured
  Metrics& metrics;
  std::uint64_t seed = 0;
  http::NameOptions names{};  // how senders with connections of their own look up names
};

// The sender for that connection; of kind kHttp the one for all URLs. kInvalidRequest for options,
// addresses and keys that the kind does not take, and for kFunction: functions are invoked, not
// sent to.
Result<std::unique_ptr<Sender>> make_sender(const SenderParts& parts, Connection connection);

}  // namespace ferry::dispatch
