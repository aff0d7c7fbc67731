#include "app/cli/run_to_end.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "base/check.h"

namespace ferry::app::cli {

void run_to_end(asio::io_context& io, Awaitable<void> coroutine) {
  io.restart();
  asio::co_spawn(io, std::move(coroutine), [&io](const std::exception_ptr& unexpected) {
    CHECK(unexpected == nullptr);
    io.stop();
  });
  io.run();
}

}  // namespace ferry::app::cli
