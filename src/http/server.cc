#include "http/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "http/server_connection.h"
#include "http/server_core.h"
#include "http/tls.h"

namespace ferry::http {

namespace {

using boost::system::error_code;
using std::chrono::steady_clock;
using tcp = asio::ip::tcp;

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor>;

// How many connections beyond the limit are told so; what comes on top is closed without a word.
constexpr std::size_t kRefusedAtOnceMax = 128;
// Out of file descriptors, say: accepting again at once would only burn the CPU.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

std::string host_port(const ServerOptions& options) {
  return options.host + ":" + std::to_string(options.port);
}

std::unexpected<Error> cannot_listen(const ServerOptions& options, const error_code& error) {
  // The SDKs' development mode looks for this text with the port behind it.
  const std::string reason = error == asio::error::address_in_use
                                 ? "address already in use :" + std::to_string(options.port)
                                 : error.message();
  return fail(ErrorCode::kInvalidRequest, "cannot listen on " + host_port(options) + ": " + reason);
}

// `host` is an address or, at start-up only, a name that is resolved here and now.
tcp::endpoint resolve(asio::io_context& io, const ServerOptions& options, error_code& error) {
  const asio::ip::address address = asio::ip::make_address(options.host, error);
  if (!error) return {address, options.port};
  asio::ip::basic_resolver<tcp, Executor> resolver(io);
  const auto found = resolver.resolve(options.host, std::to_string(options.port), error);
  return error || found.empty() ? tcp::endpoint() : found.begin()->endpoint();
}

Result<Acceptor> open_acceptor(asio::io_context& io, const ServerOptions& options) {
  error_code error;
  const tcp::endpoint endpoint = resolve(io, options, error);
  Acceptor acceptor(io);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && options.reuse_port) {
    const int on = 1;
    if (::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
      error.assign(errno, boost::system::system_category());
    }
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(options, error);
  return acceptor;
}

// Often enough for the shortest deadline, and at least once a second for the Date.
Duration sweep_interval(const ServerOptions& options) {
  const Duration shortest = std::min(
      {options.head_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp<Duration>(shortest / 4, std::chrono::milliseconds(5), std::chrono::seconds(1));
}

TimePoint wall_clock_now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

// Accepts, sweeps and stops. Completions hold a reference, so it outlives the Server that owns it
// by the few that are still queued then.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, Acceptor acceptor, std::shared_ptr<ServerCore> core)
      : io_(io),
        acceptor_(std::move(acceptor)),
        core_(std::move(core)),
        sweep_timer_(io),
        grace_timer_(io),
        accept_timer_(io) {}

  void start() {
    sweep();
    accept_next();
  }

  std::uint16_t port() const {
    error_code error;
    return acceptor_.local_endpoint(error).port();
  }

  void stop(Duration grace, std::function<void()> stopped);
  void abandon();

 private:
  void accept_next();
  void accepted(const error_code& error, Socket socket);
  void welcome(Socket socket);
  void sweep();
  void stop_accepting();
  void cut_all();
  void finish_stop();

  asio::io_context& io_;
  Acceptor acceptor_;
  std::shared_ptr<ServerCore> core_;
  Timer sweep_timer_;
  Timer grace_timer_;
  Timer accept_timer_;
  std::function<void()> stopped_;
  bool finished_ = false;  // stopped, and nothing runs any more
};

void Listener::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, Socket socket) {
    self->accepted(error, std::move(socket));
  });
}

void Listener::accepted(const error_code& error, Socket socket) {
  if (!acceptor_.is_open()) return;
  if (!error || error == asio::error::connection_aborted) {
    if (!error) welcome(std::move(socket));
    return accept_next();
  }
  log::warn("accept_failed", {{"reason", error.message()}});
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->accept_next();
  });
}

void Listener::welcome(Socket socket) {
  const std::size_t count = core_->connections.size();
  const std::size_t max = core_->options.connections_max;
  if (count < max) {
    ServerConnection::start(io_, core_, std::move(socket), ServerConnection::Welcome::kServed);
  } else if (count < max + kRefusedAtOnceMax && !core_->tls) {
    ServerConnection::start(io_, core_, std::move(socket),
                            ServerConnection::Welcome::kServerIsFull);
  }
}

void Listener::sweep() {
  core_->date = format_http_date(wall_clock_now());
  const SteadyTime now = steady_clock::now();
  for (ServerConnection* connection : core_->connections) connection->expire_if_due(now);
  sweep_timer_.expires_after(sweep_interval(core_->options));
  sweep_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && !self->finished_) self->sweep();
  });
}

void Listener::stop(Duration grace, std::function<void()> stopped) {
  stop_accepting();
  core_->stopping = true;
  stopped_ = std::move(stopped);
  if (core_->connections.empty()) return finish_stop();
  core_->on_last_gone = [this] { finish_stop(); };
  for (ServerConnection* connection : core_->connections) connection->close_if_idle();
  grace_timer_.expires_after(grace);
  grace_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled) return;
    self->cut_all();
    self->finish_stop();
  });
}

void Listener::finish_stop() {
  finished_ = true;
  core_->on_last_gone = nullptr;
  grace_timer_.cancel();
  sweep_timer_.cancel();
  // Never inside stop() or the end of a connection.
  if (stopped_) asio::post(io_, std::exchange(stopped_, nullptr));
}

void Listener::abandon() {
  stopped_ = nullptr;
  stop_accepting();
  cut_all();
  finish_stop();
}

void Listener::stop_accepting() {
  error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
}

void Listener::cut_all() {
  for (ServerConnection* connection : core_->connections) connection->cut();
}

class ListeningServer final : public Server {
 public:
  ListeningServer(std::shared_ptr<Listener> listener, std::shared_ptr<ServerCore> core)
      : listener_(std::move(listener)), core_(std::move(core)), port_(listener_->port()) {}
  ~ListeningServer() override { listener_->abandon(); }

  std::uint16_t port() const override { return port_; }

  Result<void> reload_tls() override {
    if (!core_->tls) return {};
    ASSIGN_OR_RETURN(core_->tls, make_server_tls(core_->options.tls_certificate_file,
                                                 core_->options.tls_key_file));
    return {};
  }

  void stop(Duration grace, std::function<void()> stopped) override {
    listener_->stop(grace, std::move(stopped));
  }

 private:
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<ServerCore> core_;
  std::uint16_t port_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& io, ServerOptions options,
                                               Admit admit, Handle handle, Metrics& metrics) {
  TlsContext tls;
  if (!options.tls_certificate_file.empty() || !options.tls_key_file.empty()) {
    ASSIGN_OR_RETURN(tls, make_server_tls(options.tls_certificate_file, options.tls_key_file));
  }
  ASSIGN_OR_RETURN(Acceptor acceptor, open_acceptor(io, options));
  auto core = std::make_shared<ServerCore>(std::move(options), std::move(admit), std::move(handle),
                                           metrics, random_seed());
  core->tls = std::move(tls);
  auto listener = std::make_shared<Listener>(io, std::move(acceptor), core);
  listener->start();
  return std::make_unique<ListeningServer>(std::move(listener), std::move(core));
}

}  // namespace ferry::http
