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
#include "http/own_lack.h"

namespace ferry::dispatch {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr auto kAnyKey = [](std::uint64_t) { return true; };

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
  TurnQueue<Turn> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::swap(waiting, turns_);
  }
  changed_.notify_one();
  while (const auto turn = waiting.pop(kAnyKey))
    turn->end(push_failed(503, "the sender was stopped"));
  thread_.join();
}

Awaitable<PushResult> BrokerThread::run(Limits limits, Call call) {
  const Executor home = co_await asio::this_coro::executor;
  Timer timer(home);
  timer.expires_after(limits.timeout);
  const auto waiting = std::make_shared<PushEnd::Waiting>(home, timer);
  http::CutPoint cut_point([&timer] { timer.cancel(); });
  if (limits.cut != nullptr) limits.cut->add(cut_point);
  if (!add(limits.share_key, {std::move(call), PushEnd(waiting)})) {
    co_return push_not_sent(ErrorCode::kShareExhausted, "too many pushes wait for this connection");
  }
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
  waiting->timer = nullptr;
  waiting->over = true;
  PushResult result = waiting->result ? std::move(*waiting->result)
                                      : push_failed(0, "the push did not end in time");
  // Libraries do not tell why they could not connect.
  if (result.kind == OutcomeKind::kFailed && result.status == 0) result.lack = http::own_lack_now();
  co_return result;
}

bool BrokerThread::add(std::uint64_t share_key, Turn turn) {
  {
    const std::lock_guard lock(mutex_);
    if (turns_.size() >= calls_max_) return false;
    if (turns_.size_of(share_key) * kPartsOfKey >= calls_max_) return false;
    turns_.push(share_key, std::move(turn));
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
    const std::optional<Turn> turn = turns_.pop(kAnyKey);
    lock.unlock();
    if (turn && !turn->end.over()) turn->call(turn->end);
    under_way = turn ? static_cast<bool>(poll_) : poll_();
    lock.lock();
  }
}

}  // namespace ferry::dispatch
