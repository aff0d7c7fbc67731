#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "dispatch/body_budget.h"
#include "domain/message.h"
#include "http/client.h"

namespace ferry::dispatch {

// Whether a request or an attempt ended because the body could not be read, or no memory was free
// for it: no fault of the endpoint's.
inline bool is_unreadable(const Error& error) {
  return error.code == ErrorCode::kStoreIo || error.code == ErrorCode::kOutOfMemory;
}

// The bodies that only the store has (is_body_stored), as attempts need them: in pieces while they
// are sent, or whole for a receiver that takes them no other way, always within the budget. One
// object per I/O thread, used on that thread.
class StoredBodies {
 public:
  // As Store::read_body, on a thread that may block.
  using Read = std::function<Awaitable<Result<Bytes>>(MessageId id, std::uint64_t offset,
                                                      std::size_t bytes_max)>;

  StoredBodies(asio::io_context& io, Read read, std::size_t bytes_max);

  // What the client sends.
  http::BodySource source(MessagePtr message);

  // Shows every piece to `take`, in order.
  Awaitable<Result<void>> pass_through(MessagePtr message,
                                       std::function<void(std::string_view)> take);

  // The message with its body; one whose body is in memory as it is. The memory counts until the
  // last copy of the body is gone.
  Awaitable<Result<MessagePtr>> whole(MessagePtr message);

  // Memory for what is made of a body. kOutOfMemory: none was free for a while.
  Awaitable<Result<BodyBudget::Lease>> reserve(TenantId tenant, std::size_t bytes);
  // The same as whole(), within memory that was reserved.
  Awaitable<Result<MessagePtr>> whole_within(MessagePtr message, BodyBudget::Lease memory);

  void stop();

 private:
  struct State;
  static Awaitable<Result<Bytes>> read_piece(std::shared_ptr<State> state, MessagePtr message,
                                             std::uint64_t offset,
                                             std::shared_ptr<BodyBudget::Wait> wait);
  std::shared_ptr<State> state_;
};

}  // namespace ferry::dispatch
