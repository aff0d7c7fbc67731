#include "http/exchange.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/check.h"
#include "http/body_sending.h"

namespace ferry::http {

namespace {

constexpr Duration kLookAgainAfter{16};

// What the end of the byte stream, in whatever form, means to the response.
Result<void> end_of_stream(const Connection::IoError& error, ResponseReader& reader) {
  // A TLS stream that ends without notice may have been cut by anybody: its error is not `eof`.
  if (error == asio::error::eof) return reader.put_end();
  return fail(ErrorCode::kConnectionLost,
              std::string("the connection was lost ") +
                  (reader.head_done() ? "within the response body: "
                                      : "before the end of the response head: ") +
                  error.message());
}

Result<void> read_on(Connection& connection, std::size_t received, ResponseReader& reader) {
  connection.accept(received);
  ASSIGN_OR_RETURN(const std::size_t used, reader.put(connection.unread()));
  connection.consume(used);
  CHECK(reader.done() || connection.has_room());
  return {};
}

// Waits until the budget has granted what may be kept of an answer. Meanwhile the peer's answer
// stays in the kernel's buffers.
Awaitable<std::unique_ptr<ByteBudget::Claim>> claim_memory(RunningRequest& running,
                                                           const AnswerMemory& memory,
                                                           std::size_t bytes) {
  auto claim = memory.budget->claim(memory.party, std::min(bytes, memory.budget->bytes_max()));
  while (!claim->is_granted() && !running.cut_short()) co_await running.pause(kLookAgainAfter);
  co_return claim;
}

Awaitable<Result<ClientResponse>> read_response(RunningRequest& running,
                                                ResponseReader::Options options,
                                                const AnswerMemory& memory) {
  Connection& connection = running.connection();
  ResponseReader reader(options);
  std::unique_ptr<ByteBudget::Claim> claim;
  while (!reader.done()) {
    if (reader.head_done()) running.enter(RunningRequest::Phase::kReading);
    if (memory.budget && !claim && reader.bytes_kept() > AnswerMemory::kFreeBytes) {
      claim = co_await claim_memory(running, memory, reader.bytes_kept_max());
      if (running.cut_short()) co_return std::unexpected(running.error());
    }
    const auto [error, received] = co_await connection.read();
    if (running.cut_short()) co_return std::unexpected(running.error());
    Result<void> progress =
        error ? end_of_stream(error, reader) : read_on(connection, received, reader);
    if (!progress) {
      if (error) running.note_unsent(connection.nothing_reached_peer(error));
      connection.close();
      co_return std::unexpected(std::move(progress.error()));
    }
  }
  const bool reusable = reader.keeps_connection() && connection.is_settled();
  if (!reusable) connection.close();
  co_return reader.take();
}

}  // namespace

Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, Bytes body,
                                           ResponseReader::Options options,
                                           const AnswerMemory& memory) {
  running.connection().write(std::move(head), std::move(body));
  return read_response(running, options, memory);
}

Awaitable<Result<ClientResponse>> exchange(RunningRequest& running, Bytes head, BodySource source,
                                           ResponseReader::Options options,
                                           const AnswerMemory& memory) {
  const Executor executor = co_await asio::this_coro::executor;
  const auto sending = BodySending::begin(executor, running.connection().shared_from_this(),
                                          std::move(head), std::move(source));
  Result<ClientResponse> response = co_await read_response(running, options, memory);
  co_await sending->finish();
  if (!response && sending->failure()) co_return std::unexpected(*sending->failure());
  co_return response;
}

}  // namespace ferry::http
