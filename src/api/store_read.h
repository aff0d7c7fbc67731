#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "http/awaitable.h"
#include "http/blocking_pool.h"

namespace ferry::api {

// Runs a read of the store on a reader thread. `read` owns what it needs: a call that is cut off
// while the read runs takes nothing away from under it.
template <class Read>
Awaitable<std::invoke_result_t<Read>> read_store(http::BlockingPool& readers, Read read) {
  using Found = std::invoke_result_t<Read>;
  auto found = std::make_shared<std::optional<Found>>();
  co_await readers.run([found, read = std::move(read)] { found->emplace(read()); });
  co_return std::move(**found);
}

}  // namespace ferry::api
