#include "budget/server_in_turns.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <variant>

#include "base/check.h"
#include "dispatch/call_shares.h"
#include "domain/tenant.h"
#include "http/byte_budget.h"

namespace ferry::budget {
namespace {

constexpr std::int64_t kStartMs = 1'767'268'800'000;  // 2026-01-01T12:00:00Z

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "budget_driver: %s\n", result.error().text.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

app::Settings settings_for(const std::filesystem::path& folder) {
  app::Settings settings;
  settings.data_folder = folder;
  settings.io_threads = 1;
  settings.allow_private_targets = true;
  return settings;
}

}  // namespace

ServerInTurns::ServerInTurns(const std::filesystem::path& folder, Meter& meter)
    : meter_(meter),
      settings_(settings_for(folder)),
      now_ms_(kStartMs),
      clock_({.steady = [this] { return now_ms_; }, .wall = [this] { return now_ms_; }}),
      inbox_({}, metrics_, [] {}) {
  store::EmbeddedOptions options = app::store_options(settings_);
  options.steady_micros = &app::Clock::steady_micros;
  options.run_applier = false;
  store_ = std::make_unique<PhasedStore>(
      value_of(store::EmbeddedStore::open(std::move(options), metrics_)), meter_);
  engine_ = value_of(engine::Engine::recover(*store_, {.retry = app::retry_settings(settings_)},
                                             metrics_, clock_.now()));
  DevelopmentUser user = std::move(development_users().front());
  token_ = user.token;
  user.tenant.id = TenantId{};
  std::vector<engine::Command> first;
  first.emplace_back(engine::SaveTenant{.reply = {}, .tenant = std::move(user.tenant)});
  value_of(engine_->step(clock_.now(), std::move(first), {.attempts = 0}));
  readers_ = std::make_unique<http::BlockingPool>(1);
  const app::IoThread::Parts parts{
      .index = 0,
      .settings = settings_,
      .inbox = inbox_,
      .store = *store_,
      .readers = *readers_,
      .body_readers = *readers_,
      .clock = clock_,
      .metrics = metrics_,
      .ids = std::make_shared<const IdCodec>(value_of(store_->catalog(clock_.now())).id_secret),
      .lineage_key = "of the budget",
      .ready = [] { return true; },
      .nonces = nullptr,
      .calls = std::make_shared<dispatch::CallShares>(
          settings_.function_calls_max, [] { return std::chrono::steady_clock::now(); }),
      .answers = http::ByteBudget::make(settings_.answer_memory)};
  io_ = value_of(app::IoThread::make(parts, {.host = "127.0.0.1", .port = 0}, engine_->catalog()));
}

ServerInTurns::~ServerInTurns() = default;

void ServerInTurns::poll_loop() { io_->io().poll(); }

void ServerInTurns::take_commands() {
  std::vector<engine::Command> taken = inbox_.take();
  if (commands_.empty()) {
    commands_ = std::move(taken);
  } else {
    std::ranges::move(taken, std::back_inserter(commands_));
  }
}

// What the dispatcher tells of addresses belongs to no message.
std::size_t ServerInTurns::waited_for() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(commands_, [](const engine::Command& command) {
        return !std::holds_alternative<engine::AttemptAddress>(command);
      }));
}

void ServerInTurns::wait_for_commands(std::size_t count) {
  poll_loop();
  take_commands();
  while (waited_for() < count) {
    io_->io().run_one();
    poll_loop();
    take_commands();
  }
}

std::size_t ServerInTurns::step_engine(std::uint32_t attempts_max) {
  take_commands();
  engine::Step step = value_of(
      engine_->step(clock_.now(), std::exchange(commands_, {}), {.attempts = attempts_max}));
  std::size_t started = 0;
  std::vector<engine::Effect> effects;
  effects.reserve(step.effects.size());
  for (engine::Effect& effect : step.effects) {
    if (const auto* load = std::get_if<engine::Load>(&effect)) {
      const PhaseScope scope(meter_, Phase::kPeers);  // a reader thread's
      inbox_.push_always(engine::perform(*store_, *load));
      continue;
    }
    if (std::holds_alternative<engine::StartAttempt>(effect)) ++started;
    effects.push_back(std::move(effect));
  }
  io_->carry_out(std::move(effects));
  return started;
}

void ServerInTurns::apply_rows() {
  while (value_of(store_->rows().apply_some(1'000'000))) {
  }
}

void ServerInTurns::checkpoint() { value_of(store_->rows().checkpoint()); }

}  // namespace ferry::budget
