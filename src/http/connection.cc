#include "http/connection.h"

#include <linux/sockios.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"

namespace ferry::http {

namespace {

namespace ssl = asio::ssl;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using TlsStream = ssl::stream<Socket&>;

constexpr std::uint64_t kTlsProofBytesMax = 1u << 20;

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait;

std::string tls_failure(SSL* session, const boost::system::error_code& error) {
  const long verified = SSL_get_verify_result(session);
  if (verified == X509_V_OK) return error.message();
  return std::string("certificate not accepted: ") + X509_verify_cert_error_string(verified);
}

// Certificates do not name the root of a fully qualified name.
std::string without_root(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  return host;
}

}  // namespace

struct Connection::Streams {
  explicit Streams(asio::io_context& io) : socket(io) {}

  Socket socket;
  std::optional<TlsStream> tls;
};

std::shared_ptr<Connection> Connection::make(asio::io_context& io) {
  return std::shared_ptr<Connection>(new Connection(io));
}

Connection::Connection(asio::io_context& io)
    : streams_(std::make_unique<Streams>(io)),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

Connection::~Connection() = default;

Awaitable<Connection::IoError> Connection::connect(std::string ip, std::uint16_t port) {
  IoError error;
  const auto address = asio::ip::make_address(ip, error);
  if (error) co_return error;
  const Tcp::endpoint endpoint(address, port);
  Socket& socket = streams_->socket;
  socket.open(endpoint.protocol(), error);
  if (error) co_return error;
  std::tie(error) = co_await socket.async_connect(endpoint, kAwait);
  if (error) co_return error;
  // Requests are written whole, so Nagle's delay could only hold back their last segment.
  socket.set_option(Tcp::no_delay(true), error);
  if (!error) socket.non_blocking(true, error);
  co_return error;
}

Awaitable<Result<void>> Connection::start_tls(TlsContext context, std::string host) {
  TlsStream& tls = streams_->tls.emplace(streams_->socket, *context);
  const Result<void> named = expect_peer_name(tls.native_handle(), without_root(host));
  if (!named) co_return named;
  const auto [error] = co_await tls.async_handshake(ssl::stream_base::client, kAwait);
  if (error)
    co_return fail(ErrorCode::kTlsFailed,
                   "no TLS with " + host + ": " + tls_failure(tls.native_handle(), error));
  co_return Result<void>();
}

void Connection::write(Bytes head, Bytes body) {
  CHECK(!writing_);
  answered_ = false;
  const std::size_t sent = streams_->tls ? 0 : write_at_once(head, body);
  sent_bytes_ = sent;
  sent_bytes_are_all_ = sent == head.size() + body.size() || write_failed_;
  if (sent == head.size() + body.size() || write_failed_) return;
  const Bytes head_rest = head.slice(sent, head.size());
  const Bytes body_rest = body.slice(sent - std::min(sent, head.size()), body.size());
  const std::array<asio::const_buffer, 2> rest = {asio::buffer(head_rest.view()),
                                                  asio::buffer(body_rest.view())};
  auto ended = [self = shared_from_this(), head_rest, body_rest](const IoError& error,
                                                                 std::size_t count) {
    self->writing_ = false;
    self->sent_bytes_ += count;
    self->sent_bytes_are_all_ = true;
    if (error) self->write_failed(error);
  };
  writing_ = true;
  if (streams_->tls) {
    asio::async_write(*streams_->tls, rest, std::move(ended));
  } else {
    asio::async_write(streams_->socket, rest, std::move(ended));
  }
}

void Connection::begin_pieces() {
  CHECK(!writing_);
  answered_ = false;
  sent_bytes_ = 0;
  sent_bytes_are_all_ = !streams_->tls;
  writing_ = true;
}

void Connection::end_pieces() {
  writing_ = false;
  sent_bytes_are_all_ = true;
}

Awaitable<Connection::IoError> Connection::wait_writable() {
  auto [error] = co_await streams_->socket.async_wait(Socket::wait_write, kAwait);
  if (error && is_open()) write_failed(error);
  co_return error;
}

Awaitable<Connection::Received> Connection::write_piece(Bytes piece) {
  const auto self = shared_from_this();
  IoError error;
  std::size_t sent = 0;
  if (streams_->tls) {
    std::tie(error, sent) =
        co_await asio::async_write(*streams_->tls, asio::buffer(piece.view()), kAwait);
  } else {
    sent = streams_->socket.write_some(asio::buffer(piece.view()), error);
    if (error == asio::error::would_block) error = {};
  }
  sent_bytes_ += sent;
  if (error && is_open()) write_failed(error);
  co_return Received(error, sent);
}

// Almost every request fits into the kernel's buffer, which spares it an operation of its own.
std::size_t Connection::write_at_once(const Bytes& head, const Bytes& body) {
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head.view()),
                                                     asio::buffer(body.view())};
  IoError error;
  const std::size_t sent = streams_->socket.write_some(buffers, error);
  if (error && error != asio::error::would_block) write_failed(error);
  return sent;
}

void Connection::write_failed(const IoError& error) {
  write_failed_ = true;
  // After these two the peer is gone and reading ends by itself, behind an answer that may be
  // there.
  if (error != asio::error::broken_pipe && error != asio::error::connection_reset) close();
}

Awaitable<Connection::Received> Connection::read() {
  make_room();
  const asio::mutable_buffer room(buffer_.get() + end_, capacity_ - end_);
  return streams_->tls ? streams_->tls->async_read_some(room, kAwait)
                       : streams_->socket.async_read_some(room, kAwait);
}

void Connection::accept(std::size_t count) {
  end_ += count;
  answered_ = answered_ || count > 0;
}

void Connection::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

// At least a quarter of the buffer, so that a large head does not come in crumbs.
void Connection::make_room() {
  if (capacity_ - end_ >= capacity_ / 4) return;
  const std::size_t unread_bytes = end_ - begin_;
  if (unread_bytes <= capacity_ / 2 || capacity_ == kBufferBytesMax) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, unread_bytes);
  } else {
    capacity_ *= 2;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(larger.get(), buffer_.get() + begin_, unread_bytes);
    buffer_ = std::move(larger);
  }
  begin_ = 0;
  end_ = unread_bytes;
}

bool Connection::nothing_reached_peer(const IoError& error) const {
  if (answered_ || !sent_bytes_are_all_ || !is_open()) return false;
  if (sent_bytes_ == 0) return true;
  const bool ended = error == asio::error::eof || error == ssl::error::stream_truncated;
  // Encryption adds some bytes to each record, which may be acknowledged while the rest is not. As
  // long as those of all records are fewer than the first record has, none of it was readable.
  if (!ended || (streams_->tls && sent_bytes_ > kTlsProofBytesMax)) return false;
  int unacknowledged = 0;
  if (::ioctl(streams_->socket.native_handle(), SIOCOUTQ, &unacknowledged) != 0) return false;
  return unacknowledged >= 0 && static_cast<std::uint64_t>(unacknowledged) >= sent_bytes_;
}

bool Connection::is_idle() const {
  if (!is_settled() || !is_open()) return false;
  char byte = 0;
  const int descriptor = streams_->socket.native_handle();
  const ssize_t size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Connection::close() {
  IoError ignored;
  streams_->socket.close(ignored);
}

bool Connection::is_open() const { return streams_->socket.is_open(); }

}  // namespace ferry::http
