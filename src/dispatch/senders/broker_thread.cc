#include "dispatch/senders/broker_thread.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "dispatch/senders/push_result.h"

namespace ferry::dispatch {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

}  // namespace

// The coroutine sleeps on its deadline; an end wakes it early. `timer` and `result` belong to the
// coroutine's thread, the rest to everybody.
struct PushEnd::Waiting {
  Waiting(Executor executor, Timer& deadline_timer)
      : home(std::move(executor)), deadline(deadline_timer.expiry()), timer(&deadline_timer) {}

  const Executor home;
  const Clock::time_point deadline;
  std::atomic<bool> over = false;
  Timer* timer;  // null once the coroutine has gone on
  std::optional<PushResult> result;
};

void PushEnd::operator()(PushResult result) const {
  if (waiting_->over.exchange(true)) return;
  asio::post(waiting_->home, [waiting = waiting_, result = std::move(result)]() mutable {
    if (waiting->timer == nullptr) return;
    waiting->result = std::move(result);
    waiting->timer->cancel();
  });
}

bool PushEnd::over() const { return waiting_->over; }

Duration PushEnd::left() const {
  // A bound for a library's blocking call, which wants a length; nothing is decided by it.
  const auto left = std::chrono::floor<Duration>(waiting_->deadline - Clock::now());  // tree: allow
  return std::max(left - left / 10, Duration{0});
}

BrokerThread::BrokerThread(Poll poll, std::size_t calls_max)
    : poll_(std::move(poll)), calls_max_(calls_max), thread_([this] { serve(); }) {}

BrokerThread::~BrokerThread() {
  std::deque<Turn> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting.swap(turns_);
  }
  changed_.notify_one();
  for (const Turn& turn : waiting) turn.end(push_failed(503, "the sender was stopped"));
  thread_.join();
}

Awaitable<PushResult> BrokerThread::run(Duration timeout, Call call) {
  const Executor home = co_await asio::this_coro::executor;
  Timer timer(home);
  timer.expires_after(timeout);
  const auto waiting = std::make_shared<PushEnd::Waiting>(home, timer);
  if (!add({std::move(call), PushEnd(waiting)})) {
    co_return push_failed(503, "too many pushes wait for this connection");
  }
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
  waiting->timer = nullptr;
  waiting->over = true;
  if (waiting->result) co_return std::move(*waiting->result);
  co_return push_failed(0, "the push did not end in time");
}

bool BrokerThread::add(Turn turn) {
  {
    const std::lock_guard lock(mutex_);
    if (turns_.size() >= calls_max_) return false;
    turns_.push_back(std::move(turn));
  }
  changed_.notify_one();
  return true;
}

// Between calls the library is polled, as long as it has pushes under way.
void BrokerThread::serve() {
  bool under_way = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!under_way) changed_.wait(lock, [this] { return stopping_ || !turns_.empty(); });
    if (stopping_) return;
    const std::optional<Turn> turn = take_turn();
    lock.unlock();
    if (turn && !turn->end.over()) turn->call(turn->end);
    under_way = turn ? static_cast<bool>(poll_) : poll_();
    lock.lock();
  }
}

std::optional<BrokerThread::Turn> BrokerThread::take_turn() {
  if (turns_.empty()) return std::nullopt;
  Turn turn = std::move(turns_.front());
  turns_.pop_front();
  return turn;
}

}  // namespace ferry::dispatch
