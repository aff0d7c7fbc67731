#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

// The one header outside of adapters that names Asio: the coroutine type of the upper layers.

namespace ferry {

namespace asio = boost::asio;

// Every io_context is run by exactly one thread, so the concrete executor is enough and spares the
// type erasure of any_io_executor on each operation.
using Executor = asio::io_context::executor_type;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;

}  // namespace ferry
