#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "http/awaitable.h"
#include "http/tls.h"

// NOLINTBEGIN(readability-identifier-naming): Asio's names
namespace boost::asio {
template <typename Protocol, typename Executor>
class basic_stream_socket;
namespace ip {
class tcp;
}
}  // namespace boost::asio
// NOLINTEND(readability-identifier-naming)

namespace ferry::http {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

// Textual, IPv4-mapped addresses as IPv4; empty when the peer is gone already.
std::string peer_ip_of(const Socket& socket);

// One accepted socket, plain or under TLS, behind one set of calls. Errors are values; the reads
// and writes have no deadline of their own: their owner ends them with cancel() or close(). Its
// thread is the one of the socket's io_context.
class ServerStream {
 public:
  using Transfer = std::tuple<boost::system::error_code, std::size_t>;

  // Plain when `tls` is null.
  ServerStream(Socket socket, TlsContext tls);
  ~ServerStream();

  bool is_secure() const;

  // Nothing to do without TLS. The peer must not be read from or written to before it is through.
  Awaitable<boost::system::error_code> handshake();

  Awaitable<Transfer> read_some(std::span<char> space);
  Awaitable<Transfer> write_some(std::string_view data);
  // As much as can be written without waiting, perhaps nothing; under TLS always nothing.
  Transfer write_now(std::string_view data);

  // Tells the peer that no more will come.
  Awaitable<void> end_sending();
  // Reads what the peer still sends, under TLS undeciphered, to be thrown away.
  Awaitable<Transfer> drain_some(std::span<char> space);

  // Whether a read's error says that the peer has ended its side, as opposed to a failure.
  static bool is_end(const boost::system::error_code& error);

  // The peer sends no more: it has ended its side, or the connection is lost. Whether it still
  // reads is not known.
  bool has_peer_ended() const;

  // What was written and the peer's side has not acknowledged.
  std::size_t unsent_bytes() const;

  // Whether the peer has closed its side of the connection, or all of it. What it sent before may
  // still be unread.
  bool has_peer_left() const;

  // Running reads and writes end with an error; the stream stays usable.
  void cancel();
  void close();
  // As close(), and the kernel throws away what it has not sent.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::http
