#pragma once

#include <optional>
#include <utility>

#include "http/awaitable.h"

// How a command, which has nothing else to do meanwhile, waits for a coroutine.

namespace ferry::app::cli {

// Runs `io`, which no other thread runs, until the coroutine has ended. What else is under way
// there, such as an idle connection, rests until the next call.
void run_to_end(asio::io_context& io, Awaitable<void> coroutine);

template <class T>
Awaitable<void> keep_result(Awaitable<T> coroutine, std::optional<T>& result) {
  result = co_await std::move(coroutine);
}

// The same for what a coroutine returns.
template <class T>
T run_to_end(asio::io_context& io, Awaitable<T> coroutine) {
  std::optional<T> result;
  run_to_end(io, keep_result(std::move(coroutine), result));
  return std::move(*result);
}

}  // namespace ferry::app::cli
