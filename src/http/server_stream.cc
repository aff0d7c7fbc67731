#include "http/server_stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <utility>

namespace ferry::http {

namespace {

using boost::system::error_code;

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAsTuple{};

asio::mutable_buffer to_buffer(std::span<char> space) { return {space.data(), space.size()}; }
asio::const_buffer to_buffer(std::string_view data) { return {data.data(), data.size()}; }

}  // namespace

std::string peer_ip_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  const int family = error ? AF_UNSPEC : endpoint.data()->sa_family;
  if (family != AF_INET && family != AF_INET6) return {};
  const asio::ip::address address = endpoint.address();
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (!is_mapped) return address.to_string();
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

struct ServerStream::State {
  State(Socket accepted, TlsContext tls_context)
      : socket(std::move(accepted)), context(std::move(tls_context)) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (context) tls.emplace(socket, *context);
  }

  Socket socket;
  TlsContext context;
  std::optional<asio::ssl::stream<Socket&>> tls;
};

ServerStream::ServerStream(Socket socket, TlsContext tls)
    : state_(std::make_unique<State>(std::move(socket), std::move(tls))) {}

ServerStream::~ServerStream() = default;

bool ServerStream::is_secure() const { return state_->tls.has_value(); }

Awaitable<error_code> ServerStream::handshake() {
  if (!state_->tls) co_return error_code();
  const auto [error] =
      co_await state_->tls->async_handshake(asio::ssl::stream_base::server, kAsTuple);
  co_return error;
}

Awaitable<ServerStream::Transfer> ServerStream::read_some(std::span<char> space) {
  if (state_->tls) return state_->tls->async_read_some(to_buffer(space), kAsTuple);
  return state_->socket.async_read_some(to_buffer(space), kAsTuple);
}

Awaitable<ServerStream::Transfer> ServerStream::write_some(std::string_view data) {
  if (state_->tls) return state_->tls->async_write_some(to_buffer(data), kAsTuple);
  return state_->socket.async_write_some(to_buffer(data), kAsTuple);
}

ServerStream::Transfer ServerStream::write_now(std::string_view data) {
  if (state_->tls) return {error_code(), 0};
  error_code error;
  const std::size_t count = state_->socket.write_some(to_buffer(data), error);
  if (error == asio::error::would_block) error.clear();
  return {error, count};
}

Awaitable<void> ServerStream::end_sending() {
  // Whether the peer answers with its own close_notify is its business.
  if (state_->tls) co_await state_->tls->async_shutdown(kAsTuple);
  error_code ignored;
  state_->socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

Awaitable<ServerStream::Transfer> ServerStream::drain_some(std::span<char> space) {
  return state_->socket.async_read_some(to_buffer(space), kAsTuple);
}

bool ServerStream::is_end(const error_code& error) {
  // Many TLS clients close without a close_notify; the framing tells whether anything is missing.
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

bool ServerStream::has_peer_ended() const {
  char byte = 0;
  const auto count =
      ::recv(state_->socket.native_handle(), &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

std::size_t ServerStream::unsent_bytes() const {
  int count = 0;
  const bool known = ::ioctl(state_->socket.native_handle(), SIOCOUTQ, &count) == 0;
  return known && count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool ServerStream::has_peer_left() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(state_->socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return true;
  }
  return info.tcpi_state != TCP_ESTABLISHED;
}

void ServerStream::cancel() {
  error_code ignored;
  state_->socket.cancel(ignored);
}

void ServerStream::reset() {
  error_code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  state_->socket.close(ignored);
}

void ServerStream::close() {
  error_code ignored;
  state_->socket.close(ignored);
}

}  // namespace ferry::http
