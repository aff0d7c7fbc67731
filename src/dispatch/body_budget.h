#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "base/time.h"
#include "domain/ids.h"
#include "http/awaitable.h"
#include "http/one_shot.h"

namespace ferry::dispatch {

// The memory that one I/O thread may use for bodies that it reads from the store. Whoever asks
// waits in line until the bytes are free. A tenant has at most a quarter of the budget at a time,
// or one body that is larger; those behind one that waits for its own tenant pass it. Used on its
// I/O thread; only a lease may end on any thread.
class BodyBudget {
 public:
  // The bytes are free again once no copy of it is left.
  using Lease = std::shared_ptr<const void>;

  // One that waits or has waited.
  class Wait;

  BodyBudget(asio::io_context& io, std::size_t bytes_max);
  ~BodyBudget();
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  // More than the budget counts as all of it. Null: the wait was cancelled, or lasted `wait_max`.
  Awaitable<Lease> take(std::shared_ptr<Wait> wait, std::optional<Duration> wait_max = {});
  static std::shared_ptr<Wait> make_wait(TenantId tenant, std::size_t bytes);
  void cancel(const std::shared_ptr<Wait>& wait);
  // Every wait ends, also those that begin later.
  void stop();

  std::size_t bytes_taken() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ferry::dispatch
