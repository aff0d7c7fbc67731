#include "http/pooled_client.h"

#include <utility>

#include "http/connection_pool.h"
#include "http/connector.h"
#include "http/exchange.h"
#include "http/request_head.h"
#include "http/running_request.h"
#include "http/url.h"

namespace ferry::http {

namespace {

using Kind = ResponseReader::Kind;

class RealClient final : public PooledClient {
 public:
  RealClient(asio::io_context& io, const ClientOptions& options, Metrics& metrics,
             std::unique_ptr<Connector> connector)
      : metrics_(metrics),
        wheel_(io),
        pool_({.per_host_max = options.idle_per_host_max,
               .total_max = options.idle_total_max,
               .idle_timeout = options.idle_timeout},
              wheel_, metrics),
        connector_(std::move(connector)),
        answers_(options.answers) {}

  ~RealClient() override { stop(); }

  Awaitable<Result<ClientResponse>> send(ClientRequest request) override;
  void stop() override;

 private:
  Awaitable<Result<void>> connect(const Url& url, const Asker& asker, RunningRequest& running);
  bool take_idle(const Url& url, RunningRequest& running);

  Metrics& metrics_;
  DeadlineWheel wheel_;
  ConnectionPool pool_;
  std::unique_ptr<Connector> connector_;
  const std::shared_ptr<ByteBudget> answers_;
  Link running_;  // every RunningRequest
  bool stopped_ = false;
};

// A peer may close a kept connection at the moment when the next request leaves. Such a request is
// sent once more, but only if it is certain that the peer's program saw nothing of it: each call of
// a receiver is an attempt that the log shows and that the retries count.
bool may_be_sent_again(const Result<ClientResponse>& response, const RunningRequest& running) {
  return !response && response.error().code == ErrorCode::kConnectionLost && running.unsent();
}

Awaitable<Result<ClientResponse>> RealClient::send(ClientRequest request) {
  if (stopped_) co_return fail(ErrorCode::kStopping);
  CO_ASSIGN_OR_RETURN(const Url url, parse_url(request.url));
  CO_ASSIGN_OR_RETURN(const Bytes head, request_head(request, url, connector_->target_form(url)));
  RunningRequest running(wheel_, request.timeout);
  running.join(running_);
  running.obey(request.asker.cut);
  if (running.cut_short()) co_return std::unexpected(running.error());
  const ResponseReader::Options expected = {
      .body_bytes_max = request.response_bytes_max,
      .kind = request.method == "HEAD" ? Kind::kToHead : Kind::kOrdinary};
  const AnswerMemory memory{answers_, Party::of_caller(request.asker.share_key)};
  bool pooled = take_idle(url, running);
  for (;; pooled = false) {
    if (!pooled) {
      const Result<void> connected = co_await connect(url, request.asker, running);
      if (!connected) co_return std::unexpected(connected.error());
    }
    running.enter(RunningRequest::Phase::kWaiting);
    Result<ClientResponse> response =
        request.source ? co_await exchange(running, head, *request.source, expected, memory)
                       : co_await exchange(running, head, request.body, expected, memory);
    if (pooled && may_be_sent_again(response, running)) continue;
    if (response) pool_.put(url, running.release());
    co_return response;
  }
}

// Idle connections are worth less than one that is needed now.
Awaitable<Result<void>> RealClient::connect(const Url& url, const Asker& asker,
                                            RunningRequest& running) {
  for (;;) {
    Result<void> connected = co_await connector_->connect(url, running, asker);
    const bool out_of_descriptors =
        !connected && connected.error().code == ErrorCode::kOutOfDescriptors;
    if (!out_of_descriptors || !pool_.drop_one()) co_return connected;
  }
}

bool RealClient::take_idle(const Url& url, RunningRequest& running) {
  auto connection = pool_.take(url);
  if (!connection) return false;
  metrics_.connections_reused_total.add();
  running.use(std::move(connection));
  running.limit_to_timeout();
  return true;
}

void RealClient::stop() {
  stopped_ = true;
  for (Link* link = running_.next(); link != &running_; link = link->next())
    static_cast<RunningRequest*>(link)->stop();
  pool_.clear();
  wheel_.stop();
}

}  // namespace

Result<std::unique_ptr<PooledClient>> PooledClient::make(asio::io_context& io,
                                                         ClientOptions options, Metrics& metrics) {
  ASSIGN_OR_RETURN(auto connector, Connector::make(io, options, metrics));
  return std::make_unique<RealClient>(io, options, metrics, std::move(connector));
}

}  // namespace ferry::http
