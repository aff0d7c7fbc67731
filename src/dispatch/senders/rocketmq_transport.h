#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/result.h"
#include "dispatch/senders/rocketmq_frame.h"
#include "dispatch/senders/sender.h"
#include "http/connection_pool.h"
#include "http/connector.h"
#include "http/deadline.h"

namespace ferry::dispatch {

// TCP connections to name servers and brokers, kept open between exchanges, with TLS where the
// Connection says so. One exchange at a time on each. One thread, the io_context's; ends after its
// last exchange and before its io_context.
class RocketMqTransport {
 public:
  // kInvalidRequest for a bad CA file.
  static Result<std::unique_ptr<RocketMqTransport>> make(asio::io_context& io,
                                                         const Connection& connection,
                                                         Metrics& metrics, http::NameOptions names);
  ~RocketMqTransport();

  struct Limits {
    Duration timeout{0};
    http::Cut* cut = nullptr;
  };

  // Sends `request` to "host:port", signed when the connection has a key, and waits for the answer
  // to it. All of it ends within the time-out. Errors are those of http::Client.
  Awaitable<Result<RocketMqFrame>> exchange(std::string address, RocketMqFrame request,
                                            Limits limits);

 private:
  RocketMqTransport(asio::io_context& io, Metrics& metrics,
                    std::unique_ptr<http::Connector> connector, const Connection& connection);

  std::string signed_head(RocketMqFrame& request);

  const Connection connection_;
  http::DeadlineWheel wheel_;
  http::ConnectionPool pool_;
  std::unique_ptr<http::Connector> connector_;
  std::int32_t last_opaque_ = 0;
};

}  // namespace ferry::dispatch
