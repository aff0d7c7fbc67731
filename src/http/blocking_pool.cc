#include "http/blocking_pool.h"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <list>
#include <mutex>
#include <unordered_map>
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

// What waits for its owner's turn. Each call that comes, and each that ends while others wait,
// posts run_next() to the pool, which runs the next call whose owner may run one, if there is any.
class Turns {
 public:
  using Call = std::move_only_function<void()>;

  explicit Turns(std::size_t threads) : running_max_(std::max<std::size_t>(threads, 2) - 1) {}

  void add(BlockingPool::Turn turn, Call call) {
    const std::lock_guard lock(mutex_);
    Line& line = lines_[turn.owner];
    if (line.calls.empty()) order_.push_back(turn.owner);
    if (turn.goes_on) {
      line.calls.push_front(std::move(call));
    } else {
      line.calls.push_back(std::move(call));
    }
  }

  // Runs one call; true when others wait.
  bool run_next() {
    std::uint64_t owner = 0;
    Call call;
    {
      const std::lock_guard lock(mutex_);
      const auto next = std::ranges::find_if(
          order_, [this](std::uint64_t each) { return lines_[each].running < running_max_; });
      if (next == order_.end()) return false;
      owner = *next;
      order_.erase(next);
      Line& line = lines_[owner];
      call = std::move(line.calls.front());
      line.calls.pop_front();
      ++line.running;
      if (!line.calls.empty()) order_.push_back(owner);
    }
    call();
    const std::lock_guard lock(mutex_);
    const auto line = lines_.find(owner);
    if (--line->second.running == 0 && line->second.calls.empty()) lines_.erase(line);
    return !order_.empty();
  }

 private:
  struct Line {
    std::deque<Call> calls;
    std::size_t running = 0;
  };

  const std::size_t running_max_;  // of one owner
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Line> lines_;
  std::list<std::uint64_t> order_;  // owners with calls that wait, the next turn first
};

}  // namespace

struct BlockingPool::State {
  explicit State(std::size_t threads) : turns(threads), pool(threads) {}

  void post_turn() {
    asio::post(pool, [this] {
      if (turns.run_next()) post_turn();
    });
  }

  Turns turns;  // outlives the threads
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

Awaitable<void> BlockingPool::run_in_turn(Turn turn, std::function<void()> call) {
  State& state = *state_;
  Token token;
  co_await asio::async_initiate<Token, void()>(
      [&state, &call, turn](Waiter&& waiter) {
        auto home = asio::prefer(waiter.get_executor(), asio::execution::outstanding_work.tracked);
        state.turns.add(turn, [call = std::move(call), waiter = std::move(waiter),
                               home = std::move(home)]() mutable {
          run_or_die(call);
          asio::post(home, std::move(waiter));
        });
        state.post_turn();
      },
      token);
}

}  // namespace ferry::http
