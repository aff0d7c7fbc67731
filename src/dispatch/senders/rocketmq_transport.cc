#include "dispatch/senders/rocketmq_transport.h"

#include <boost/asio/io_context.hpp>
#include <limits>
#include <utility>

#include "http/running_request.h"
#include "http/url.h"

namespace ferry::dispatch {
namespace {

// A broker asks its clients to come back on another connection (5.x, graceful shutdown).
constexpr std::int32_t kGoAway = 1500;
constexpr std::size_t kIdleConnectionsMax = 64;
// Brokers close after 120 s without traffic (serverChannelMaxIdleTimeSeconds).
constexpr Duration kIdleTimeout = std::chrono::seconds(60);

Result<http::Url> url_of(const std::string& address, bool tls) {
  auto url = http::parse_url((tls ? "https://" : "http://") + address);
  if (!url || url->target != "/") {
    return fail(ErrorCode::kInvalidDestination, "no address of RocketMQ: " + address);
  }
  return url;
}

// The next whole frame; what came behind it stays in `received`.
Awaitable<Result<RocketMqFrame>> read_frame(http::RunningRequest& running, std::string& received) {
  http::Connection& connection = running.connection();
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::optional<std::size_t> bytes, rocketmq_frame_bytes(received));
    if (bytes && received.size() >= *bytes) {
      auto frame = read_rocketmq_frame(std::string_view(received).substr(0, *bytes));
      received.erase(0, *bytes);
      co_return frame;
    }
    const auto [error, count] = co_await connection.read();
    if (running.cut_short()) co_return std::unexpected(running.error());
    if (error) {
      co_return fail(ErrorCode::kConnectionLost, "lost the connection: " + error.message());
    }
    connection.accept(count);
    received += connection.unread();
    connection.consume(connection.unread().size());
  }
}

// Brokers send requests of their own over the same connection; they want no answer.
Awaitable<Result<RocketMqFrame>> read_answer(http::RunningRequest& running, std::int32_t opaque,
                                             std::string& received) {
  for (;;) {
    Result<RocketMqFrame> frame = co_await read_frame(running, received);
    if (!frame || (frame->is_answer && frame->opaque == opaque)) co_return frame;
    if (frame->is_answer) {
      co_return fail(ErrorCode::kProtocolError, "the answer is to another request");
    }
  }
}

}  // namespace

Result<std::unique_ptr<RocketMqTransport>> RocketMqTransport::make(asio::io_context& io,
                                                                   const Connection& connection,
                                                                   Metrics& metrics,
                                                                   http::NameOptions names) {
  http::ClientOptions options{.ca_file = connection.ca_file, .names = std::move(names)};
  options.guard.allow_all = true;  // the operator chose the addresses
  ASSIGN_OR_RETURN(auto connector, http::Connector::make(io, options, metrics));
  return std::unique_ptr<RocketMqTransport>(
      new RocketMqTransport(io, metrics, std::move(connector), connection));
}

RocketMqTransport::RocketMqTransport(asio::io_context& io, Metrics& metrics,
                                     std::unique_ptr<http::Connector> connector,
                                     const Connection& connection)
    : connection_(connection),
      wheel_(io),
      pool_({.per_host_max = kIdleConnectionsMax,
             .total_max = kIdleConnectionsMax,
             .idle_timeout = kIdleTimeout},
            wheel_, metrics),
      connector_(std::move(connector)) {}

RocketMqTransport::~RocketMqTransport() {
  pool_.clear();
  wheel_.stop();
}

std::string RocketMqTransport::signed_head(RocketMqFrame& request) {
  last_opaque_ = last_opaque_ == std::numeric_limits<std::int32_t>::max() ? 1 : last_opaque_ + 1;
  request.opaque = last_opaque_;
  if (!connection_.user.empty()) {
    request.fields["AccessKey"] = connection_.user;
    if (!connection_.token.empty()) request.fields["SecurityToken"] = connection_.token;
    request.fields["Signature"] = rocketmq_signature(request, connection_.secret);
  }
  return write_rocketmq_head(request);
}

Awaitable<Result<RocketMqFrame>> RocketMqTransport::exchange(std::string address,
                                                             RocketMqFrame request, Limits limits) {
  CO_ASSIGN_OR_RETURN(const http::Url url, url_of(address, connection_.tls));
  http::RunningRequest running(wheel_, limits.timeout);
  running.obey(limits.cut);
  if (running.cut_short()) co_return std::unexpected(running.error());
  if (auto idle = pool_.take(url)) {
    running.use(std::move(idle));
    running.limit_to_timeout();
  } else {
    const Result<void> connected = co_await connector_->connect(url, running, {});
    if (!connected) co_return std::unexpected(connected.error());
  }
  running.enter(http::RunningRequest::Phase::kWaiting);
  running.connection().write(Bytes::take(signed_head(request)), request.body);
  std::string received;
  Result<RocketMqFrame> answer = co_await read_answer(running, request.opaque, received);
  const bool reusable = answer && answer->code != kGoAway && received.empty();
  if (reusable) pool_.put(url, running.release());
  co_return answer;
}

}  // namespace ferry::dispatch
