#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "base/bytes.h"
#include "base/result.h"
#include "http/awaitable.h"
#include "http/tls.h"

namespace ferry::http {

// One TCP connection to a server or proxy, with TLS on top where asked for, and the buffer it is
// read into. Writing never waits: what the kernel does not take at once is written while the answer
// is being read, so an early answer to a large body is seen. Shared, because such a write holds its
// connection until it has ended. One thread, the io_context's.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using IoError = boost::system::error_code;
  using Received = std::tuple<IoError, std::size_t>;

  static std::shared_ptr<Connection> make(asio::io_context& io);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Awaitable<IoError> connect(std::string ip, std::uint16_t port);

  // kTlsFailed says what is wrong with the peer's certificate or with the handshake.
  Awaitable<Result<void>> start_tls(TlsContext context, std::string host);

  // Sends both, one behind the other, without copying them. One write at a time. A failure shows in
  // the next read: a peer that closes may have answered before.
  void write(Bytes head, Bytes body);

  // The same for what is sent in pieces; between the two calls nothing else is written. A failure
  // shows in the next read as well, and nothing of the answer is lost to it.
  void begin_pieces();
  void end_pieces();
  // Waits until the kernel takes bytes again, so that the next piece need not be in memory before.
  Awaitable<IoError> wait_writable();
  // Sends what the kernel takes of `piece` at once; over TLS all of it. The number of bytes sent.
  Awaitable<Received> write_piece(Bytes piece);

  // Waits for bytes; `accept` the number before `unread()`. There must be room.
  Awaitable<Received> read();
  void accept(std::size_t count);

  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  bool has_room() const { return end_ - begin_ < kBufferBytesMax; }

  // Whether any byte has come since the last write.
  bool answered() const { return answered_; }

  // After read() has failed with `error`, before close(): whether it is certain that no program has
  // read a byte since the last write began. That is so when nothing was sent, and when the peer
  // ended its side before its kernel acknowledged any of it: an end carries the acknowledgement of
  // all that came before it. A reset proves nothing, for it acknowledges nothing.
  bool nothing_reached_peer(const IoError& error) const;

  // Whether everything was sent and everything that came was read.
  bool is_settled() const { return !writing_ && !write_failed_ && begin_ == end_; }
  // Settled, and the peer has since neither closed nor spoken.
  bool is_idle() const;

  // Ends every wait on the connection with an error.
  void close();
  bool is_open() const;

 private:
  struct Streams;

  explicit Connection(asio::io_context& io);
  std::size_t write_at_once(const Bytes& head, const Bytes& body);
  void write_failed(const IoError& error);
  void make_room();

  static constexpr std::size_t kBufferBytes = std::size_t{16} << 10;
  static constexpr std::size_t kBufferBytesMax = std::size_t{64} << 10;

  std::unique_ptr<Streams> streams_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = kBufferBytes;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t sent_bytes_ = 0;     // since the last write began; over TLS, before encryption
  bool sent_bytes_are_all_ = false;  // no write under way has sent bytes that are not counted yet
  bool answered_ = false;
  bool writing_ = false;
  bool write_failed_ = false;
};

}  // namespace ferry::http
