#include "http/body_sending.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/check.h"

namespace ferry::http {

std::shared_ptr<BodySending> BodySending::begin(Executor executor,
                                                std::shared_ptr<Connection> connection, Bytes head,
                                                BodySource source) {
  CHECK(source.size > 0);
  std::shared_ptr<BodySending> sending(new BodySending(std::move(connection), std::move(source)));
  sending->connection_->begin_pieces();
  asio::co_spawn(executor, run(sending, std::move(head)),
                 [](std::exception_ptr unexpected) { CHECK(unexpected == nullptr); });
  return sending;
}

Awaitable<void> BodySending::run(std::shared_ptr<BodySending> self, Bytes head) {
  const bool head_sent = co_await self->send_head(std::move(head));
  self->complete_ = head_sent && co_await self->send_body();
  if (self->complete_) self->connection_->end_pieces();
  self->ended_.wake();
}

Awaitable<bool> BodySending::send_head(Bytes head) {
  while (!head.empty()) {
    if (co_await connection_->wait_writable()) co_return false;
    const auto [error, sent] = co_await connection_->write_piece(head);
    if (error) co_return false;
    head = head.slice(sent, head.size());
  }
  co_return true;
}

Awaitable<bool> BodySending::send_body() {
  std::uint64_t sent = 0;
  while (sent < source_.size && !over_) {
    if (co_await connection_->wait_writable() || over_) co_return false;
    Result<Bytes> piece = co_await source_.read(sent);
    if (over_) co_return false;
    if (!piece) {
      failure_ = std::move(piece.error());
      connection_->close();
      co_return false;
    }
    CHECK(!piece->empty() && piece->size() <= source_.size - sent);
    const auto [error, count] = co_await connection_->write_piece(std::move(*piece));
    if (error) co_return false;
    sent += count;
  }
  co_return sent == source_.size;
}

Awaitable<void> BodySending::finish() {
  over_ = true;
  if (!complete_) {
    connection_->close();
    if (source_.cancel) source_.cancel();
  }
  return ended_.wait();
}

}  // namespace ferry::http
