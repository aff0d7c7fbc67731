#include "dispatch/body_budget.h"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/dispatch.hpp>
#include <utility>

namespace ferry::dispatch {
namespace {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr Duration kForever = std::chrono::hours(24 * 365);

}  // namespace

class BodyBudget::Wait {
 public:
  Wait(TenantId whose, std::size_t count) : tenant(whose), bytes(count) {}

  const TenantId tenant;
  std::size_t bytes;
  bool waiting = false;
  bool granted = false;
  http::OneShot ended;
};

struct BodyBudget::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, std::size_t most) : io(context), bytes_max(most) {}

  bool fits_tenant(const Wait& wait) const {
    const auto taken = taken_by.find(wait.tenant);
    return taken == taken_by.end() || taken->second + wait.bytes <= bytes_max / 4;
  }
  bool fits(const Wait& wait) const { return bytes_taken + wait.bytes <= bytes_max; }

  void grant_waiting();
  void cancel(const std::shared_ptr<Wait>& wait);
  void release(TenantId tenant, std::size_t bytes);
  Lease lease_of(const Wait& wait);

  asio::io_context& io;
  const std::size_t bytes_max;
  std::size_t bytes_taken = 0;
  std::map<TenantId, std::size_t> taken_by;
  std::list<std::shared_ptr<Wait>> line;
  bool stopped = false;
};

// In the order of asking. One that only its tenant's share holds back is passed; one that does not
// fit into what is free at all is not, or small ones would keep it waiting for ever.
void BodyBudget::State::grant_waiting() {
  for (auto it = line.begin(); it != line.end();) {
    const std::shared_ptr<Wait> wait = *it;
    if (!fits_tenant(*wait)) {
      ++it;
      continue;
    }
    if (!fits(*wait)) return;
    it = line.erase(it);
    bytes_taken += wait->bytes;
    taken_by[wait->tenant] += wait->bytes;
    wait->waiting = false;
    wait->granted = true;
    wait->ended.wake();
  }
}

void BodyBudget::State::cancel(const std::shared_ptr<Wait>& wait) {
  if (!std::exchange(wait->waiting, false)) return;
  line.remove(wait);
  wait->ended.wake();
  grant_waiting();
}

void BodyBudget::State::release(TenantId tenant, std::size_t bytes) {
  bytes_taken -= bytes;
  const auto taken = taken_by.find(tenant);
  taken->second -= bytes;
  if (taken->second == 0) taken_by.erase(taken);
  grant_waiting();
}

BodyBudget::Lease BodyBudget::State::lease_of(const Wait& wait) {
  struct Taken {
    ~Taken() {
      asio::dispatch(state->io.get_executor(), [state = state, tenant = tenant, bytes = bytes] {
        state->release(tenant, bytes);
      });
    }
    std::shared_ptr<State> state;
    TenantId tenant;
    std::size_t bytes;
  };
  return std::shared_ptr<const void>(
      new Taken{.state = shared_from_this(), .tenant = wait.tenant, .bytes = wait.bytes},
      [](Taken* taken) { delete taken; });
}

BodyBudget::BodyBudget(asio::io_context& io, std::size_t bytes_max)
    : state_(std::make_shared<State>(io, std::max<std::size_t>(bytes_max, 1))) {}

BodyBudget::~BodyBudget() { stop(); }

std::shared_ptr<BodyBudget::Wait> BodyBudget::make_wait(TenantId tenant, std::size_t bytes) {
  return std::make_shared<Wait>(tenant, bytes);
}

Awaitable<BodyBudget::Lease> BodyBudget::take(std::shared_ptr<Wait> wait,
                                              std::optional<Duration> wait_max) {
  const std::shared_ptr<State> state = state_;
  if (state->stopped) co_return nullptr;
  wait->bytes = std::min(wait->bytes, state->bytes_max);
  wait->waiting = true;
  state->line.push_back(wait);
  state->grant_waiting();
  if (!wait->granted) {
    Timer timer(state->io, wait_max.value_or(kForever));
    timer.async_wait([state, wait](boost::system::error_code error) {
      if (!error) state->cancel(wait);
    });
    co_await wait->ended.wait();
  }
  if (!wait->granted) co_return nullptr;
  co_return state->lease_of(*wait);
}

void BodyBudget::cancel(const std::shared_ptr<Wait>& wait) { state_->cancel(wait); }

void BodyBudget::stop() {
  state_->stopped = true;
  for (const auto& wait : std::exchange(state_->line, {})) {
    wait->waiting = false;
    wait->ended.wake();
  }
}

std::size_t BodyBudget::bytes_taken() const { return state_->bytes_taken; }

}  // namespace ferry::dispatch
