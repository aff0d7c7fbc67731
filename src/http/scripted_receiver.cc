#include "http/scripted_receiver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <optional>

#include "http/request_head.h"

namespace ferry::http {

namespace {

namespace ssl = asio::ssl;
using Tcp = asio::ip::tcp;
using Peer = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using IoError = boost::system::error_code;

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait;

// The length of the first whole request in `text`, or 0.
std::size_t request_length(const std::string& text) {
  const std::size_t head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return 0;
  std::size_t length = head_end + 4;
  const std::size_t field = text.find("Content-Length: ");
  if (field < head_end) length += std::strtoull(text.c_str() + field + 16, nullptr, 10);
  return text.size() >= length ? length : 0;
}

int loopback_socket(std::uint16_t port, bool listening) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (listening) {
    // The port may have served a connection of another test, or another process, a moment ago.
    const int reuse = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    EXPECT_EQ(::bind(descriptor, generic, sizeof address), 0);
    EXPECT_EQ(::listen(descriptor, 0), 0);
  } else {
    ::connect(descriptor, generic, sizeof address);
  }
  return descriptor;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

}  // namespace

struct ScriptedReceiver::State {
  State(asio::io_context& io, std::vector<Script> given, TlsContext context)
      : acceptor(io), scripts(std::move(given)), tls(std::move(context)) {}

  Acceptor acceptor;
  std::vector<Script> scripts;
  TlsContext tls;
  std::size_t connections = 0;
  std::vector<std::string> requests;
};

namespace {

using StatePtr = std::shared_ptr<ScriptedReceiver::State>;

// One connection that follows its script.
struct Actor {
  StatePtr receiver;
  Peer peer;
  Timer stalled;
  std::optional<ssl::stream<Peer&>> tls{};
  std::string unread{};

  Awaitable<bool> read_more();
  Awaitable<bool> send(std::string text);
  Awaitable<bool> drip(std::string text);
  Awaitable<bool> handshake();
  Awaitable<bool> read_request();
  Awaitable<bool> read_bytes(std::size_t count);
  Awaitable<bool> play(const Step& step);
};

Awaitable<bool> Actor::read_more() {
  char bytes[4096];
  const auto [error, size] = tls ? co_await tls->async_read_some(asio::buffer(bytes), kAwait)
                                 : co_await peer.async_read_some(asio::buffer(bytes), kAwait);
  unread.append(bytes, size);
  co_return !error;
}

Awaitable<bool> Actor::send(std::string text) {
  const auto [error, size] = tls ? co_await asio::async_write(*tls, asio::buffer(text), kAwait)
                                 : co_await asio::async_write(peer, asio::buffer(text), kAwait);
  co_return !error;
}

Awaitable<bool> Actor::drip(std::string text) {
  for (const char byte : text) {
    if (!co_await send(std::string(1, byte))) co_return false;
    co_await asio::post(asio::use_awaitable_t<Executor>());  // lets the reader see it
  }
  co_return true;
}

Awaitable<bool> Actor::handshake() {
  tls.emplace(peer, *receiver->tls);
  const auto [error] = co_await tls->async_handshake(ssl::stream_base::server, kAwait);
  co_return !error;
}

Awaitable<bool> Actor::read_request() {
  while (request_length(unread) == 0)
    if (!co_await read_more()) co_return false;
  const std::size_t length = request_length(unread);
  receiver->requests.push_back(unread.substr(0, length));
  unread.erase(0, length);
  co_return true;
}

Awaitable<bool> Actor::read_bytes(std::size_t count) {
  while (unread.size() < count)
    if (!co_await read_more()) co_return false;
  receiver->requests.push_back(unread.substr(0, count));
  unread.erase(0, count);
  co_return true;
}

Awaitable<bool> Actor::play(const Step& step) {
  IoError ignored;
  switch (step.kind) {
    case Step::Kind::kHandshake:
      co_return co_await handshake();
    case Step::Kind::kRequest:
      co_return co_await read_request();
    case Step::Kind::kRead:
      co_return co_await read_bytes(step.count);
    case Step::Kind::kSend:
      co_return co_await send(step.text);
    case Step::Kind::kDrip:
      co_return co_await drip(step.text);
    case Step::Kind::kHalfClose:
      peer.shutdown(Peer::shutdown_send, ignored);
      co_return true;
    case Step::Kind::kAwaitClose:
      while (co_await read_more()) unread.clear();
      co_return false;
    case Step::Kind::kStall:
      co_await stalled.async_wait(kAwait);
      co_return false;
    case Step::Kind::kReset:
      peer.set_option(asio::socket_base::linger(true, 0), ignored);
      peer.close(ignored);  // the destructor would take the option back
      co_return false;
  }
  co_return false;
}

Awaitable<void> act(StatePtr receiver, Peer peer, Script script) {
  peer.set_option(Tcp::no_delay(true));
  Timer never(peer.get_executor(), std::chrono::steady_clock::time_point::max());
  Actor actor{receiver, std::move(peer), std::move(never)};
  for (const Step& step : script)
    if (!co_await actor.play(step)) co_return;
}

Awaitable<void> accept_all(StatePtr receiver) {
  for (;;) {
    auto [error, peer] = co_await receiver->acceptor.async_accept(kAwait);
    if (error) co_return;
    const auto& scripts = receiver->scripts;
    const std::size_t index = std::min(receiver->connections++, scripts.size() - 1);
    Executor executor = receiver->acceptor.get_executor();
    asio::co_spawn(executor, act(receiver, Peer(std::move(peer)), scripts[index]), asio::detached);
  }
}

}  // namespace

ScriptedReceiver::ScriptedReceiver(asio::io_context& io, std::vector<Script> scripts,
                                   TlsContext tls, const char* address)
    : state_(std::make_shared<State>(io, std::move(scripts), std::move(tls))) {
  const Tcp::endpoint endpoint(asio::ip::make_address(address), 0);
  state_->acceptor.open(endpoint.protocol());
  state_->acceptor.bind(endpoint);
  state_->acceptor.listen();
  asio::co_spawn(io.get_executor(), accept_all(state_), asio::detached);
}

ScriptedReceiver::~ScriptedReceiver() { state_->acceptor.close(); }

std::uint16_t ScriptedReceiver::port() const { return state_->acceptor.local_endpoint().port(); }

std::string ScriptedReceiver::host_and_port() const {
  const auto endpoint = state_->acceptor.local_endpoint();
  return http::host_and_port(endpoint.address().to_string(), endpoint.port());
}

std::string ScriptedReceiver::url(const std::string& path) const {
  return (state_->tls ? "https://" : "http://") + host_and_port() + path;
}

std::size_t ScriptedReceiver::connections() const { return state_->connections; }

const std::vector<std::string>& ScriptedReceiver::requests() const { return state_->requests; }

FullBacklog::FullBacklog(std::uint16_t port) {
  constexpr int kMoreThanTheQueueTakes = 8;
  sockets_.push_back(loopback_socket(port, true));
  port_ = port_of(sockets_.front());
  for (int i = 0; i < kMoreThanTheQueueTakes; ++i)
    sockets_.push_back(loopback_socket(port_, false));
}

FullBacklog::~FullBacklog() {
  for (const int descriptor : sockets_) ::close(descriptor);
}

std::uint16_t unused_port() {
  const int descriptor = loopback_socket(0, true);
  const std::uint16_t port = port_of(descriptor);
  ::close(descriptor);
  return port;
}

std::string ok_response(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace ferry::http
