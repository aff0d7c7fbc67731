#include "dispatch/stored_bodies.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace ferry::dispatch {
namespace {

constexpr std::size_t kPieceBytes = 64u << 10;
constexpr Duration kMemoryWaitMax = std::chrono::seconds(10);

std::unexpected<Error> unreadable(const Error& error) {
  return fail(ErrorCode::kStoreIo, "the body could not be read: " + error.text);
}

std::unexpected<Error> no_memory() {
  return fail(ErrorCode::kOutOfMemory,
              "no memory was free for the body within " + format_duration(kMemoryWaitMax));
}

}  // namespace

struct StoredBodies::State {
  State(asio::io_context& io, Read reads, std::size_t bytes_max)
      : read(std::move(reads)), budget(io, bytes_max) {}

  Read read;
  BodyBudget budget;
};

StoredBodies::StoredBodies(asio::io_context& io, Read read, std::size_t bytes_max)
    : state_(std::make_shared<State>(io, std::move(read), bytes_max)) {}

Awaitable<Result<Bytes>> StoredBodies::read_piece(std::shared_ptr<State> state, MessagePtr message,
                                                  std::uint64_t offset,
                                                  std::shared_ptr<BodyBudget::Wait> wait) {
  BodyBudget::Lease memory = co_await state->budget.take(std::move(wait), kMemoryWaitMax);
  if (memory == nullptr) co_return no_memory();
  Result<Bytes> piece = co_await state->read(message->id, offset, kPieceBytes);
  if (!piece) co_return unreadable(piece.error());
  CHECK(!piece->empty());
  co_return std::move(*piece).together_with(std::move(memory));
}

http::BodySource StoredBodies::source(MessagePtr message) {
  CHECK(is_body_stored(*message));
  const auto waiting = std::make_shared<std::shared_ptr<BodyBudget::Wait>>();
  const std::uint64_t size = message->large_body->bytes;
  return {.size = size,
          .read =
              [state = state_, message = std::move(message), waiting](std::uint64_t offset) {
                *waiting = BodyBudget::make_wait(message->tenant, kPieceBytes);
                return read_piece(state, message, offset, *waiting);
              },
          .cancel =
              [state = state_, waiting] {
                if (*waiting) state->budget.cancel(*waiting);
              }};
}

Awaitable<Result<void>> StoredBodies::pass_through(MessagePtr message,
                                                   std::function<void(std::string_view)> take) {
  const std::shared_ptr<State> state = state_;
  for (std::uint64_t offset = 0; offset < message->large_body->bytes;) {
    CO_ASSIGN_OR_RETURN(const Bytes piece,
                        co_await read_piece(state, message, offset,
                                            BodyBudget::make_wait(message->tenant, kPieceBytes)));
    take(piece.view());
    offset += piece.size();
  }
  co_return Result<void>();
}

Awaitable<Result<BodyBudget::Lease>> StoredBodies::reserve(TenantId tenant, std::size_t bytes) {
  const std::shared_ptr<State> state = state_;
  BodyBudget::Lease memory =
      co_await state->budget.take(BodyBudget::make_wait(tenant, bytes), kMemoryWaitMax);
  if (memory == nullptr) co_return no_memory();
  co_return memory;
}

Awaitable<Result<MessagePtr>> StoredBodies::whole(MessagePtr message) {
  if (!is_body_stored(*message)) co_return message;
  CO_ASSIGN_OR_RETURN(BodyBudget::Lease memory,
                      co_await reserve(message->tenant, message->large_body->bytes));
  co_return co_await whole_within(std::move(message), std::move(memory));
}

Awaitable<Result<MessagePtr>> StoredBodies::whole_within(MessagePtr message,
                                                         BodyBudget::Lease memory) {
  if (!is_body_stored(*message)) co_return message;
  const std::shared_ptr<State> state = state_;
  std::string body;
  body.reserve(message->large_body->bytes);
  while (body.size() < message->large_body->bytes) {
    const Result<Bytes> piece = co_await state->read(message->id, body.size(), kPieceBytes);
    if (!piece) co_return unreadable(piece.error());
    body.append(piece->view());
  }
  auto whole = std::make_shared<Message>(*message);
  whole->body = Bytes::take(std::move(body)).together_with(std::move(memory));
  co_return MessagePtr(std::move(whole));
}

void StoredBodies::stop() { state_->budget.stop(); }

}  // namespace ferry::dispatch
