#include "http/deadline.h"

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <limits>

namespace ferry::http {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using Tick = std::chrono::duration<std::int64_t, std::ratio<8, 1000>>;

constexpr std::int64_t kSlots = 1024;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

SteadyTime time_of(std::int64_t tick) {
  return SteadyTime(std::chrono::duration_cast<Clock::duration>(Tick(tick)));
}

}  // namespace

struct DeadlineWheel::State : std::enable_shared_from_this<State> {
  explicit State(asio::io_context& io) : timer(io) {}

  Link& slot(std::int64_t tick) { return slots[static_cast<std::size_t>(tick % kSlots)]; }
  void wake_at(std::int64_t tick);
  void turn(SteadyTime now);
  void collect(Link& from, Link& due, std::int64_t now);

  Timer timer;
  std::array<Link, kSlots> slots;
  std::int64_t turned_to = std::chrono::floor<Tick>(Clock::now()).time_since_epoch().count();
  std::int64_t wakes_at = kNever;
  bool stopped = false;
};

void DeadlineWheel::State::wake_at(std::int64_t tick) {
  if (tick >= wakes_at || stopped) return;
  wakes_at = tick;
  timer.expires_at(time_of(tick));
  timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;  // moved to another time, or the end
    if (const auto state = weak.lock(); state && !state->stopped) state->turn(Clock::now());
  });
}

void DeadlineWheel::State::turn(SteadyTime now) {
  const std::int64_t tick = std::chrono::floor<Tick>(now).time_since_epoch().count();
  Link due;
  for (std::int64_t t = std::max(turned_to, tick - kSlots) + 1; t <= tick; ++t)
    collect(slot(t), due, tick);
  turned_to = std::max(turned_to, tick);
  wakes_at = kNever;
  while (due.linked()) {  // what is called may disarm others that are due
    auto& deadline = static_cast<Deadline&>(*due.next());
    deadline.disarm();
    deadline.expired_();
  }
  for (std::int64_t t = tick + 1; t <= tick + kSlots; ++t)
    if (slot(t).linked()) return wake_at(t);
}

void DeadlineWheel::State::collect(Link& from, Link& due, std::int64_t now) {
  for (Link* link = from.next(); link != &from;) {
    Link* const next = link->next();
    if (static_cast<Deadline*>(link)->tick_ <= now) link->join(due);
    link = next;
  }
}

DeadlineWheel::DeadlineWheel(asio::io_context& io) : state_(std::make_shared<State>(io)) {}

DeadlineWheel::~DeadlineWheel() { stop(); }

void DeadlineWheel::arm(Deadline& deadline, SteadyTime at) {
  const std::int64_t tick = std::chrono::ceil<Tick>(at).time_since_epoch().count();
  deadline.tick_ = std::max(tick, state_->turned_to + 1);
  deadline.join(state_->slot(deadline.tick_));
  state_->wake_at(deadline.tick_);
}

void DeadlineWheel::stop() {
  state_->stopped = true;
  state_->timer.cancel();
}

}  // namespace ferry::http
