#include "api/engine_link.h"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "http/one_shot.h"

namespace ferry::api {
namespace {

// How often those in line try again. Time in line is counted in polls, so no clock is read here.
constexpr Duration kPollInterval{2};

struct Waiter {
  http::OneShot shot;
  std::optional<engine::Answer> answer;
};

struct InLine {
  std::uint64_t slot = 0;
  engine::Command* command = nullptr;  // in the frame of the call that waits
  std::uint64_t give_up_at = 0;        // in polls
};

}  // namespace

struct EngineLink::State : std::enable_shared_from_this<EngineLink::State> {
  State(asio::io_context& io, engine::Inbox& to, Duration accept_wait, Metrics& counted)
      : inbox(to),
        metrics(counted),
        polls_max(static_cast<std::uint64_t>(std::max<std::int64_t>(
            (accept_wait + kPollInterval - Duration(1)) / kPollInterval, 0))),
        timer(io) {}

  void send(engine::Command& command, std::uint64_t slot);
  void give(std::uint64_t slot, engine::Answer answer);
  void refuse(std::uint64_t slot);
  void poll();
  void arm();

  engine::Inbox& inbox;
  Metrics& metrics;
  std::uint64_t polls_max;
  std::uint64_t polls = 0;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer;
  std::uint64_t last_slot = 0;
  std::unordered_map<std::uint64_t, Waiter*> waiters;  // each in the frame of its call
  std::deque<InLine> line;                             // first come first served
};

void EngineLink::State::send(engine::Command& command, std::uint64_t slot) {
  if (line.empty() && inbox.push(command)) return;
  if (polls_max == 0) return refuse(slot);
  line.push_back({slot, &command, polls + polls_max});
  if (line.size() > 1) return;
  timer.expires_after(kPollInterval);
  arm();
}

void EngineLink::State::give(std::uint64_t slot, engine::Answer answer) {
  const auto found = waiters.find(slot);
  if (found == waiters.end()) return;
  Waiter& waiter = *found->second;
  waiters.erase(found);
  waiter.answer = std::move(answer);
  waiter.shot.wake();
}

void EngineLink::State::refuse(std::uint64_t slot) {
  metrics.overloaded_total.add();
  give(slot, Error{ErrorCode::kOverloaded, std::string(error_info(ErrorCode::kOverloaded).text)});
}

void EngineLink::State::poll() {
  ++polls;
  while (!line.empty() && inbox.push(*line.front().command)) line.pop_front();
  while (!line.empty() && line.front().give_up_at <= polls) {
    const std::uint64_t slot = line.front().slot;
    line.pop_front();
    refuse(slot);
  }
  if (line.empty()) return;
  // From the last expiry, not from now: a late loop turn makes up for the polls it missed.
  timer.expires_at(timer.expiry() + kPollInterval);
  arm();
}

void EngineLink::State::arm() {
  timer.async_wait([self = weak_from_this()](boost::system::error_code error) {
    if (const auto state = self.lock(); state && !error) state->poll();
  });
}

EngineLink::EngineLink(asio::io_context& io, std::uint32_t io_thread, engine::Inbox& inbox,
                       Duration accept_wait, Metrics& metrics)
    : io_thread_(io_thread), state_(std::make_shared<State>(io, inbox, accept_wait, metrics)) {}

EngineLink::~EngineLink() { state_->timer.cancel(); }

std::uint64_t EngineLink::open_slot() { return ++state_->last_slot; }

// The call ends only by its answer, so what points into its frame stays good until then.
Awaitable<engine::Answer> EngineLink::wait(engine::Command command, std::uint64_t slot) {
  Waiter waiter;
  state_->waiters.emplace(slot, &waiter);
  state_->send(command, slot);
  co_await waiter.shot.wait();
  CHECK(waiter.answer.has_value());
  co_return std::move(*waiter.answer);
}

void EngineLink::complete(engine::Reply reply) {
  state_->give(reply.to.slot, std::move(reply.answer));
}

void EngineLink::fail_all(const Error& error) {
  state_->line.clear();
  std::vector<std::uint64_t> slots;
  slots.reserve(state_->waiters.size());
  for (const auto& [slot, waiter] : state_->waiters) slots.push_back(slot);
  std::ranges::sort(slots);
  for (const std::uint64_t slot : slots) state_->give(slot, error);
}

}  // namespace ferry::api
