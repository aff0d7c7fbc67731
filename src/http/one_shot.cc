#include "http/one_shot.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/check.h"

namespace ferry::http {

namespace {

using Token = asio::use_awaitable_t<Executor>;
// What makes the suspended coroutine go on; the concrete type, as Boost's erased one costs an
// allocation, and move-assigning it recurses without end in 1.81.
using Waiter = asio::async_result<Token, void()>::handler_type;  // tree: allow, Asio's word

}  // namespace

struct OneShot::State {
  bool woken = false;
  std::optional<Waiter> waiter;
};

OneShot::OneShot() : state_(std::make_unique<State>()) {}
OneShot::~OneShot() = default;

Awaitable<void> OneShot::wait() {
  State& state = *state_;
  if (state.woken) co_return;
  CHECK(!state.waiter);
  Token token;
  co_await asio::async_initiate<Token, void()>(
      [&state](Waiter&& waiter) { state.waiter.emplace(std::move(waiter)); }, token);
}

void OneShot::wake() {
  if (std::exchange(state_->woken, true) || !state_->waiter) return;
  Waiter waiter = std::move(*state_->waiter);
  state_->waiter.reset();
  asio::post(std::move(waiter));
}

}  // namespace ferry::http
