#include "http/server.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

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

// Connections beyond the limit, for vital requests and callers with few connections: an eighth of
// the limit, within these bounds. What comes on top is closed without a word.
constexpr std::size_t kReserveMin = 8;
constexpr std::size_t kReserveMax = 1024;
// A connection has so long to send its request before it may be closed for another one.
constexpr Duration kWaitLeast = std::chrono::seconds(1);
// Out of file descriptors, say: accepting again at once would only burn the CPU.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);
constexpr Duration kAcceptWarningEvery = std::chrono::seconds(10);
// How much of an answer the kernel holds that it has not sent, for a reader that does not read.
constexpr int kUnsentBytesMax = 64 << 10;

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

// Asio accepts on any listening stream socket; the protocol only names what it would open itself.
Result<Acceptor> adopt_listening(asio::io_context& io, int descriptor) {
  Acceptor acceptor(io);
  error_code error;
  acceptor.assign(tcp::v4(), descriptor, error);
  if (!error) return acceptor;
  ::close(descriptor);
  return fail(ErrorCode::kInvalidRequest, "cannot accept on a socket: " + error.message());
}

Result<Acceptor> open_acceptor(asio::io_context& io, const ServerOptions& options) {
  if (options.listening_descriptor >= 0) return adopt_listening(io, options.listening_descriptor);
  error_code error;
  const tcp::endpoint endpoint = resolve(io, options, error);
  Acceptor acceptor(io);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  const auto set = [&acceptor, &error](int level, int name, int value) {
    if (!error && ::setsockopt(acceptor.native_handle(), level, name, &value, sizeof(value)) != 0) {
      error.assign(errno, boost::system::system_category());
    }
  };
  if (options.reuse_port) set(SOL_SOCKET, SO_REUSEPORT, 1);
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);  // accepted sockets inherit it
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

bool is_out_of_descriptors(const error_code& error) {
  return error == asio::error::no_descriptors || error.value() == ENFILE;
}

std::size_t reserve_of(const ServerOptions& options) {
  return std::clamp(options.connections_max / 8, kReserveMin, kReserveMax);
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
        accept_timer_(io),
        spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}
  ~Listener() {
    if (spare_ >= 0) ::close(spare_);
  }

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
  Party party_of(const std::string& ip) const;
  bool make_room_for(const Party& party);
  bool dispense(ConnectionBook::Entry* entry);
  bool relieve_descriptors();
  void warn(const error_code& error);
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
  int spare_;  // a descriptor to give up when there are no others
  SteadyTime warned_at_{};
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
  warn(error);
  if (is_out_of_descriptors(error) && relieve_descriptors()) return accept_next();
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->accept_next();
  });
}

void Listener::warn(const error_code& error) {
  const SteadyTime now = steady_clock::now();
  if (warned_at_ != SteadyTime{} && now - warned_at_ < kAcceptWarningEvery) return;
  warned_at_ = now;
  log::warn("accept_failed", {{"reason", error.message()}});
}

// Frees the descriptor of a connection that waits for a request. When there is none, the next one
// in the backlog is closed, so that its peer does not wait for nothing.
bool Listener::relieve_descriptors() {
  if (dispense(core_->book.find_dispensable(steady_clock::now(), Duration{0}))) return true;
  if (spare_ >= 0) ::close(spare_);
  const int refused = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK);
  if (refused >= 0) ::close(refused);
  spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return false;
}

Party Listener::party_of(const std::string& ip) const {
  Party party = Party::of_address(ip);
  const auto& is_trusted_proxy = core_->options.is_trusted_proxy;
  if (is_trusted_proxy && is_trusted_proxy(ip)) party.kind = Party::Kind::kProxy;
  return party;
}

bool Listener::dispense(ConnectionBook::Entry* entry) {
  if (entry == nullptr) return false;
  static_cast<ServerConnection*>(entry)->dispense();
  return true;
}

// False when its address has too many connections, none of which waits for a request.
bool Listener::make_room_for(const Party& party) {
  if (!party.is_address() || core_->book.count(party) < core_->connections_per_address()) {
    return true;
  }
  return dispense(core_->book.find_waiting(party));
}

void Listener::welcome(Socket socket) {
  const auto& serves_peer = core_->options.serves_peer;
  if (serves_peer && !serves_peer(socket.native_handle())) {
    return core_->metrics.connections_refused_total.add();
  }
  std::string ip = peer_ip_of(socket);
  const Party party = party_of(ip);
  if (!make_room_for(party)) return core_->metrics.connections_refused_total.add();
  auto place = ServerConnection::Place::kRegular;
  if (core_->is_full()) {
    const SteadyTime now = steady_clock::now();
    const std::size_t most = core_->options.connections_max + reserve_of(core_->options);
    const bool reserve_is_full = core_->budgets->connections.load() >= most;
    const Duration least = reserve_is_full ? Duration{0} : kWaitLeast;
    const bool makes_room = dispense(core_->book.find_dispensable(now, least));
    if (!makes_room && reserve_is_full) return core_->metrics.connections_refused_total.add();
    // What was closed may have had a place in the reserve, too.
    if (core_->is_full()) place = ServerConnection::Place::kReserve;
  }
  ServerConnection::start(io_, core_, std::move(socket), {std::move(ip), party}, place);
}

void Listener::sweep() {
  core_->date = format_http_date(wall_clock_now());
  const SteadyTime now = steady_clock::now();
  for (ByteBudget* budget : {core_->budgets->small_bodies.get(), core_->budgets->large_bodies.get(),
                             core_->budgets->answers.get()}) {
    budget->recall_slowest(now);
  }
  for (ServerConnection* connection : core_->connections) connection->expire_if_due(now);
  if (core_->is_full()) {
    for (ServerConnection* connection : core_->connections) connection->offer_if_abandoned(now);
  }
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
      : listener_(std::move(listener)),
        core_(std::move(core)),
        port_(core_->options.listening_descriptor < 0 ? listener_->port() : std::uint16_t{0}) {}
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
  auto core = std::make_shared<ServerCore>(io, std::move(options), std::move(admit),
                                           std::move(handle), metrics, random_seed());
  core->tls = std::move(tls);
  auto listener = std::make_shared<Listener>(io, std::move(acceptor), core);
  listener->start();
  return std::make_unique<ListeningServer>(std::move(listener), std::move(core));
}

}  // namespace ferry::http
