#include "http/claim_wait.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace ferry::http {

namespace {

// Claims are granted on any thread, so they are looked at from time to time.
constexpr Duration kLookInterval{10};

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace

Awaitable<bool> wait_until_granted(const ByteBudget::Claim& claim, Duration longest) {
  if (claim.is_granted()) co_return true;
  Timer timer(co_await asio::this_coro::executor);
  for (Duration waited{0}; waited < longest; waited += kLookInterval) {
    timer.expires_after(kLookInterval);
    co_await timer.async_wait(asio::use_awaitable_t<Executor>());
    if (claim.is_granted()) co_return true;
  }
  co_return false;
}

}  // namespace ferry::http
