#include "app/engine_host.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace ferry::app {
namespace {

// Exit code of a process that a supervisor should start again (sysexits.h, EX_TEMPFAIL).
constexpr int kTryAgainExit = 75;
constexpr Duration kPauseAfterFullDisk = std::chrono::seconds(1);
constexpr Duration kSleepMax = std::chrono::seconds(1);
// Inline hosting pays while a commit takes less than this (performance.md, section 2).
constexpr std::int64_t kSlowCommitUs = 200;
constexpr std::uint64_t kCommitsToJudge = 1'000;

}  // namespace

struct EngineHost::Timer {
  explicit Timer(asio::io_context& io) : timer(io) {}
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer;
  TimePoint armed_for = TimePoint::max();
};

EngineHost::EngineHost(store::Store& store, engine::Options options, engine::Inbox::Options inbox,
                       http::BlockingPool& readers, Clock& clock, Metrics& metrics)
    : store_(store),
      options_(std::move(options)),
      readers_(readers),
      clock_(clock),
      metrics_(metrics),
      inbox_(inbox, metrics, [this] { wake(); }) {}

EngineHost::~EngineHost() { CHECK(!thread_.joinable()); }

Result<TenantCatalogPtr> EngineHost::recover() {
  ASSIGN_OR_RETURN(engine_, engine::Engine::recover(store_, options_, metrics_, clock_.now()));
  return engine_->catalog();
}

Result<TenantCatalogPtr> EngineHost::prepare(std::vector<engine::Command> commands) {
  const auto step = engine_->step(clock_.now(), std::move(commands), {.attempts = 0});
  if (!step) return std::unexpected(step.error());
  return recover();
}

void EngineHost::start(asio::io_context& io, EngineHosting hosting, Routes routes) {
  CHECK(engine_ != nullptr);
  io_ = &io;
  routes_ = std::move(routes);
  timer_ = std::make_unique<Timer>(io);
  may_move_ = hosting == EngineHosting::kAuto;
  inline_ = hosting != EngineHosting::kThread;
  if (!inline_) {
    thread_ = std::thread([this] { run_thread(); });
  }
  wake();
}

void EngineHost::wake() {
  if (inline_) {
    if (io_ != nullptr && !turn_posted_.exchange(true)) asio::post(*io_, [this] { inline_turn(); });
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    wake_flag_ = true;
  }
  woken_.notify_one();
}

void EngineHost::inline_turn() {
  turn_posted_ = false;
  if (stopping_ || !inline_) return;
  arm_timer(step_once());
  if (may_move_ && commits_are_slow()) move_to_thread();
}

void EngineHost::arm_timer(TimePoint wake_at) {
  if (wake_at == timer_->armed_for) return;
  timer_->armed_for = wake_at;
  const Duration wait = std::clamp(wake_at - clock_.now(), Duration{0}, kSleepMax);
  timer_->timer.expires_after(wait);
  timer_->timer.async_wait([this](boost::system::error_code error) {
    if (error) return;
    timer_->armed_for = TimePoint::max();
    wake();
  });
}

void EngineHost::run_thread() {
  while (!stopping_) {
    const TimePoint wake_at = step_once();
    std::unique_lock lock(mutex_);
    const Duration wait = std::clamp(wake_at - clock_.now(), Duration{0}, kSleepMax);
    woken_.wait_for(lock, wait, [this] { return wake_flag_ || stopping_; });
    wake_flag_ = false;
  }
}

TimePoint EngineHost::step_once() {
  const TimePoint now = clock_.now();
  const bool may_start = !draining_ && now >= no_starts_before_;
  auto step = engine_->step(now, inbox_.take(), {.attempts = may_start ? UINT32_MAX : 0});
  if (!step) return recover_after(step.error());
  in_flight_ = engine_->in_flight();
  route(std::move(step->effects));
  return step->wake_at;
}

void EngineHost::route(std::vector<engine::Effect> effects) {
  if (effects.empty()) return;
  const std::uint32_t threads = routes_.io_threads;
  std::vector<std::vector<engine::Effect>> by_thread(threads +
                                                     1);  // the last one: operator commands
  for (engine::Effect& effect : effects) {
    if (auto* load = std::get_if<engine::Load>(&effect)) {
      send(*load);
    } else if (auto* reply = std::get_if<engine::Reply>(&effect)) {
      by_thread.at(reply->to.io_thread).push_back(std::move(effect));
    } else if (std::holds_alternative<engine::CatalogChanged>(effect) ||
               std::holds_alternative<engine::UsageChanged>(effect) ||
               std::holds_alternative<engine::CutAttempt>(effect)) {
      for (auto& list : by_thread) list.push_back(effect);
    } else {
      by_thread[next_io_++ % threads].push_back(std::move(effect));
    }
  }
  for (std::uint32_t thread = 0; thread < by_thread.size(); ++thread) {
    if (!by_thread[thread].empty()) routes_.to_io(thread, std::move(by_thread[thread]));
  }
}

void EngineHost::send(const engine::Load& load) {
  readers_.post([this, load] { inbox_.push_always(engine::perform(store_, load)); });
}

// A full disk left the store as it was: a fresh engine goes on from there, after a pause. Any other
// failure leaves unknown what the disk holds, and only a new process may find out.
TimePoint EngineHost::recover_after(const Error& error) {
  const bool full = error.code == ErrorCode::kDiskFull;
  log::error("commit_failed", {{"error", error.text}, {"recovering", full}});
  routes_.fail_waiting(full ? error
                            : Error{ErrorCode::kAmbiguousCommit,
                                    std::string(error_info(ErrorCode::kAmbiguousCommit).text)});
  if (full) {
    no_starts_before_ = clock_.now() + kPauseAfterFullDisk;
    if (recover()) return no_starts_before_;
  }
  log::flush();
  ::_exit(kTryAgainExit);
}

bool EngineHost::commits_are_slow() const {
  const LatencyHistogram& commits = metrics_.commit_latency;
  const std::uint64_t count = commits.count();
  if (count < kCommitsToJudge) return false;
  return commits.sum_us() / static_cast<std::int64_t>(count) > kSlowCommitUs;
}

void EngineHost::move_to_thread() {
  log::info("engine_moves", {{"to", "thread"}, {"reason", "commits are slow"}});
  timer_->timer.cancel();
  inline_ = false;
  thread_ = std::thread([this] { run_thread(); });
}

void EngineHost::stop() {
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    wake_flag_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace ferry::app
