#include "http/admission_line.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <utility>

#include "http/link.h"
#include "http/one_shot.h"

namespace ferry::http {

namespace {

using std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor>;

constexpr Duration kPollInterval{5};

struct Waiter : Link {
  const ByteBudget::Claim* claim = nullptr;
  SteadyTime give_up_at;
  OneShot shot;
};

}  // namespace

struct AdmissionLine::State : std::enable_shared_from_this<AdmissionLine::State> {
  explicit State(asio::io_context& io) : timer(io) {}

  template <class Done>
  void wake_where(const Done& is_done) {
    for (Link* link = waiters.next(); link != &waiters;) {
      auto* waiter = static_cast<Waiter*>(link);
      link = link->next();
      if (!is_done(*waiter)) continue;
      waiter->unlink();
      waiter->shot.wake();
    }
  }

  void poll() {
    const SteadyTime now = steady_clock::now();
    wake_where([now](const Waiter& waiter) {
      return waiter.claim->is_granted() || now >= waiter.give_up_at;
    });
    polling = waiters.linked();
    if (polling) arm();
  }

  void arm() {
    timer.expires_after(kPollInterval);
    timer.async_wait([self = weak_from_this()](boost::system::error_code error) {
      if (const auto state = self.lock(); state && !error) state->poll();
    });
  }

  Timer timer;
  Link waiters;  // each in the frame of its wait
  bool polling = false;
};

AdmissionLine::AdmissionLine(asio::io_context& io) : state_(std::make_shared<State>(io)) {}

AdmissionLine::~AdmissionLine() {
  state_->wake_where([](const Waiter&) { return true; });
  state_->timer.cancel();
}

Awaitable<bool> AdmissionLine::wait(const ByteBudget::Claim& claim, Duration longest) {
  if (claim.is_granted()) co_return true;
  Waiter waiter;
  waiter.claim = &claim;
  waiter.give_up_at = steady_clock::now() + longest;
  waiter.join(state_->waiters);
  if (!std::exchange(state_->polling, true)) state_->arm();
  co_await waiter.shot.wait();
  co_return claim.is_granted();
}

void AdmissionLine::cancel(const ByteBudget::Claim& claim) {
  state_->wake_where([&claim](const Waiter& waiter) { return waiter.claim == &claim; });
}

}  // namespace ferry::http
