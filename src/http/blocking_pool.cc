#include "http/blocking_pool.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/check.h"

namespace ferry::http {

namespace {

using Token = asio::use_awaitable_t<Executor>;
// What makes the suspended coroutine go on.
using Waiter = asio::async_result<Token, void()>::handler_type;  // tree: allow, Asio's word

void run_or_die(const std::function<void()>& call) {
  try {
    call();
  } catch (...) {
    check_failed("a call on the blocking pool does not throw", __FILE__, __LINE__);
  }
}

}  // namespace

struct BlockingPool::State {
  explicit State(std::size_t threads) : pool(threads) {}

  asio::thread_pool pool;
};

BlockingPool::BlockingPool(std::size_t threads) : state_(std::make_unique<State>(threads)) {}

BlockingPool::~BlockingPool() {
  state_->pool.stop();
  state_->pool.join();
}

void BlockingPool::post(std::function<void()> call) {
  asio::post(state_->pool, [call = std::move(call)] { run_or_die(call); });
}

Awaitable<void> BlockingPool::run(std::function<void()> call) {
  State& state = *state_;
  Token token;
  co_await asio::async_initiate<Token, void()>(
      [&state, &call](Waiter&& waiter) {
        // Tracked: the io_context must not run out of work while the call is under way elsewhere.
        auto home = asio::prefer(waiter.get_executor(), asio::execution::outstanding_work.tracked);
        asio::post(state.pool, [call = std::move(call), waiter = std::move(waiter),
                                home = std::move(home)]() mutable {
          run_or_die(call);
          asio::post(home, std::move(waiter));
        });
      },
      token);
}

}  // namespace ferry::http
