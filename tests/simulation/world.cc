#include "simulation/world.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace ferry::simulation {
namespace {

constexpr TimePoint kBegin = from_unix_ms(1'795'262'400'000);  // noon of 2026-11-21 (UTC)
constexpr std::uint64_t kHappeningsMax = 300'000;              // beyond it nothing will end
constexpr std::uint64_t kIdleTurnsMax = 200;
constexpr std::uint32_t kTenantsAtFirst = 2;

}  // namespace

World::World(std::uint64_t seed)
    : random_(seed),
      plan_(random_),
      checkers_(plan_.options),
      now_(kBegin),
      store_(random_,
             [this](const store::WriteSet& set) {
               checkers_.tell(SetStored{now_, set, store_.room});
             }),
      clients_(random_, plan_, checkers_.facts()),
      receivers_(random_, plan_),
      capacity_(plan_.capacity_max),
      calls_left_(plan_.calls) {
  report_.seed = seed;
}

Report World::run() {
  begin_life();
  for (std::uint32_t i = 0; i < kTenantsAtFirst; ++i) call(clients_.create_tenant(last_call_ + 1));
  agenda_.add(now_ + Duration(100), ClientTurn{});
  store_.commit_fault_one_in = plan_.commit_fault_one_in;
  store_.read_fault_one_in = plan_.read_fault_one_in;
  while (!done()) {
    Agenda::Item item = agenda_.take();
    now_ = std::max(now_, item.at);
    ++happenings_;
    std::visit([this](auto& what) { happen(what); }, item.what);
    if (!kind_) meddle();
  }
  if (!checkers_.findings().first()) {
    checkers_.tell(RunEnded{now_, store_, store_.dump(), metrics_});
  }
  report_.finding = checkers_.findings().first();
  report_.trace_hash = trace_.hash();
  report_.events = trace_.events();
  report_.commit_faults = store_.commit_faults();
  report_.deliveries = checkers_.facts().deliveries.size();
  if (report_.finding) {
    report_.trace_tail = trace_.tail();
    report_.plan = describe_plan();
  }
  return std::move(report_);
}

bool World::finished() const {
  const Facts& facts = checkers_.facts();
  const bool counted = metrics_.pending.value() == 0 &&
                       std::cmp_equal(metrics_.dead_letters.value(), facts.letters.size());
  return kind_ && facts.pending == 0 && waiting_.empty() && counted;
}

bool World::done() const {
  if (checkers_.findings().first()) return true;
  return finished() || agenda_.empty() || happenings_ > kHappeningsMax;
}

Duration World::up_to(Duration most) {
  return Duration(random_.below(static_cast<std::uint64_t>(most.count()) + 1));
}

// ---- what happens

void World::happen(ClientTurn) {
  if (calls_left_ == 0) return be_kind();
  --calls_left_;
  call(clients_.next(last_call_ + 1, now_));
  agenda_.add(now_ + up_to(plan_.call_gap_max), ClientTurn{});
}

void World::happen(Arrival& arrival) {
  if (arrival.process != process_ || !engine_) return;
  const auto* record = std::get_if<engine::RecordOutcome>(&arrival.command);
  if (record != nullptr && cut_.contains(record->start)) return;
  trace_.note(now_, "arrival", static_cast<std::int64_t>(arrival.command.index()));
  if (std::holds_alternative<engine::Loaded>(arrival.command)) --reads_;
  inbox_.push_back(std::move(arrival.command));
  want_turn(now_ + up_to(Duration(2)));
}

void World::happen(ReadBegins& read) {
  if (read.process != process_) return;
  trace_.note(now_, "read", static_cast<std::int64_t>(read.load.load));
  engine::Loaded answer = engine::perform(store_, read.load);
  const auto* lane = std::get_if<engine::Load::Lane>(&read.load.what);
  const bool failed = std::holds_alternative<std::monostate>(answer.rows);
  if (lane != nullptr && !failed) checkers_.tell(LaneRead{lane->query.lane});
  agenda_.add(now_ + up_to(plan_.read_delay_max), Arrival{process_, std::move(answer)});
  const bool letters = std::holds_alternative<engine::Load::DeadLetters>(read.load.what);
  if (letters && !kind_ && plan_.jump_one_in != 0 && random_.one_in(2)) jump();
}

void World::happen(const EngineTurn& turn) {
  if (turn.plan != turn_plan_) return;
  turn_at_ = TimePoint::max();
  if (engine_) step();
}

void World::happen(Restart) {
  trace_.note(now_, "restart");
  begin_life();
}

// ---- the process around the engine

void World::want_turn(TimePoint at) {
  if (at >= turn_at_) return;
  turn_at_ = at;
  agenda_.add(at, EngineTurn{++turn_plan_});
}

void World::begin_life() {
  auto engine = engine::Engine::recover(store_, plan_.options, metrics_, now_);
  CHECK(engine.has_value());
  engine_ = std::move(*engine);
  checkers_.tell(LifeBegan{engine_->fingerprint(), store_.dump()});
  want_turn(now_);
}

void World::end_life(bool commit_failed) {
  if (random_.one_in(8)) {
    const std::uint64_t faults = std::exchange(store_.read_fault_one_in, 0);
    checkers_.replay(store_);
    store_.read_fault_one_in = faults;
  }
  checkers_.tell(LifeEnded{commit_failed ? std::string() : engine_->fingerprint(), store_.dump()});
  engine_.reset();
  turn_at_ = TimePoint::max();
  ++turn_plan_;
}

void World::lose_calls() {
  for (const CallId call : waiting_) checkers_.tell(CallLost{call});
  waiting_.clear();
}

void World::crash() {
  trace_.note(now_, "crash");
  ++report_.crashes;
  if (engine_) end_life(false);
  ++process_;
  reads_ = 0;
  inbox_.clear();
  lose_calls();
  agenda_.add(now_ + up_to(plan_.down_max), Restart{});
}

void World::commit_failed(const Error& error) {
  trace_.note(now_, "commit failed", static_cast<std::int64_t>(error.code));
  end_life(true);
  lose_calls();  // also those that are still on their way are told so
  if (error.code == ErrorCode::kDiskFull) return begin_life();  // the process goes on
  ++report_.crashes;
  ++process_;
  reads_ = 0;
  inbox_.clear();
  agenda_.add(now_ + up_to(plan_.down_max), Restart{});
}

void World::step() {
  std::vector<engine::Command> commands = std::exchange(inbox_, {});
  for (const engine::Command& command : commands) {
    const auto* record = std::get_if<engine::RecordOutcome>(&command);
    if (record != nullptr) checkers_.tell(AttemptReported{now_, *record});
    const auto* lack = std::get_if<engine::NotStarted>(&command);
    if (lack != nullptr) checkers_.tell(AttemptNotStarted{now_, *lack});
    const auto* addressed = std::get_if<engine::AttemptAddress>(&command);
    if (addressed != nullptr) checkers_.tell(AttemptAddressed{*addressed});
  }
  const std::uint32_t running = engine_->in_flight();
  const std::uint32_t free = capacity_ > running ? capacity_ - running : 0;
  trace_.note(now_, "step", static_cast<std::int64_t>(commands.size()), free);
  const bool idle = commands.empty();
  auto result = engine_->step(now_, std::move(commands), {.attempts = free});
  if (!result) return commit_failed(result.error());
  starts_ = 0;
  for (engine::Effect& effect : result->effects) carry_out(effect);
  checkers_.tell(StepMade{.now = now_,
                          .budget = free,
                          .started = starts_,
                          .in_flight = engine_->in_flight(),
                          .quiet = reads_ == 0 && inbox_.empty(),
                          .wake_at = result->wake_at,
                          .metrics = metrics_});
  idle_turns_ = idle && result->wake_at <= now_ ? idle_turns_ + 1 : 0;
  if (idle_turns_ > kIdleTurnsMax) checkers_.object("progress", "the engine spins");
  if (result->wake_at != TimePoint::max()) {
    want_turn(std::max(result->wake_at, now_) + up_to(Duration(1)));
  }
}

void World::carry_out(engine::Effect& effect) {
  std::visit([this](auto& one) { carry_out(one); }, effect);
}

void World::carry_out(engine::Reply& reply) {
  trace_.note(now_, "reply", static_cast<std::int64_t>(reply.to.slot),
              static_cast<std::int64_t>(reply.answer.index()));
  waiting_.erase(reply.to.slot);
  checkers_.tell(CallAnswered{now_, reply.to.slot, reply.answer});
}

void World::carry_out(const engine::StartAttempt& attempt) {
  trace_.note(now_, "start", attempt.delivery.id.value, attempt.delivery.retried);
  ++starts_;
  ++report_.attempts;
  checkers_.tell(AttemptStarted{now_, attempt});
  if (!kind_ && chance(plan_.not_started_one_in)) return refuse(attempt);
  tell_address(attempt);
  Receivers::Answer answer = receivers_.answer(attempt, now_);
  const TimePoint arrives = now_ + answer.latency + up_to(Duration(2));
  const bool taken = answer.record.outcome.kind == OutcomeKind::kDelivered;
  if (taken && attempt.delivery.to->target.url.starts_with(kFunctionTarget)) {
    agenda_.add(arrives, Arrival{process_, invocation_of_push(attempt)});
  }
  if (!kind_ && random_.one_in(20)) {  // said twice
    agenda_.add(arrives + up_to(Duration(3'000)), Arrival{process_, answer.record});
  }
  agenda_.add(arrives, Arrival{process_, std::move(answer.record)});
}

// The dispatcher lacks something, as it finds sooner or later.
void World::refuse(const engine::StartAttempt& attempt) {
  const TimePoint arrives = now_ + up_to(random_.one_in(3) ? Duration(2'500) : Duration(5));
  const engine::NotStarted lack{.delivery = attempt.delivery.id,
                                .attempt = attempt.delivery.retried,
                                .start = attempt.start,
                                .not_before = arrives - Duration(50) + up_to(Duration(1'500))};
  agenda_.add(arrives, Arrival{process_, lack});
  if (random_.one_in(5)) agenda_.add(arrives + up_to(Duration(100)), Arrival{process_, lack});
}

void World::carry_out(const engine::CutAttempt& cut) {
  trace_.note(now_, "cut", cut.delivery.value, cut.attempt);
  checkers_.tell(AttemptCut{now_, cut});
  if (random_.one_in(2)) cut_.insert(cut.start);  // else its outcome was on its way already
}

void World::tell_address(const engine::StartAttempt& attempt) {
  std::string address = Receivers::address_of(attempt.delivery.to->target.url);
  if (address.empty() || random_.one_in(2)) return;
  agenda_.add(now_ + up_to(Duration(10)),
              Arrival{process_, engine::AttemptAddress{.delivery = attempt.delivery.id,
                                                       .attempt = attempt.delivery.retried,
                                                       .start = attempt.start,
                                                       .address = std::move(address)}});
}

void World::carry_out(const engine::Load& load) {
  trace_.note(now_, "load", static_cast<std::int64_t>(load.load),
              static_cast<std::int64_t>(load.what.index()));
  ++reads_;
  agenda_.add(now_ + up_to(plan_.read_delay_max), ReadBegins{process_, load});
}

void World::carry_out(const engine::CatalogChanged& changed) {
  trace_.note(now_, "catalog", static_cast<std::int64_t>(changed.catalog->all().size()));
}

void World::carry_out(const engine::UsageChanged& changed) {
  trace_.note(now_, "usage", changed.tenant.value, changed.usage.messages);
}

// ---- the world around the process

void World::jump() {
  now_ += up_to(plan_.jump_max);
  trace_.note(now_, "jump");
}

void World::meddle() {
  if (!engine_) return;
  if (chance(plan_.jump_one_in)) jump();
  if (chance(plan_.full_disk_one_in)) store_.room = !store_.room;
  if (random_.one_in(50)) {
    capacity_ = static_cast<std::uint32_t>(random_.below(plan_.capacity_max + 1));
    want_turn(now_);
  }
  if (chance(plan_.crash_one_in)) crash();
}

void World::call(engine::Command command) {
  const CallId id = ++last_call_;
  trace_.note(now_, "call", static_cast<std::int64_t>(id),
              static_cast<std::int64_t>(command.index()));
  checkers_.tell(CallMade{now_, id, command});
  if (!engine_) return checkers_.tell(CallLost{id});
  waiting_.insert(id);
  agenda_.add(now_ + up_to(Duration(5)), Arrival{process_, std::move(command)});
}

// From here on nothing goes wrong any more, nothing is paused, and what is pending must end.
void World::be_kind() {
  // A call that was told to be lost may still be on its way.
  const bool first = !std::exchange(kind_, true);
  if (first) trace_.note(now_, "liveness");
  store_.commit_fault_one_in = 0;
  store_.read_fault_one_in = 0;
  store_.room = true;
  capacity_ = std::max(plan_.capacity_max, 2u);
  want_turn(now_);
  if (first || !waiting_.empty() || !engine_) {
    agenda_.add(now_ + Duration(50), ClientTurn{});
  } else if (auto command = clients_.release(last_call_ + 1)) {
    call(std::move(*command));
    agenda_.add(now_ + Duration(50), ClientTurn{});
  }
}

std::string World::describe_plan() const {
  const engine::Options& options = plan_.options;
  std::string text = "hosts";
  for (const HostKind kind : plan_.hosts) text += " " + std::string(name_of(kind));
  text += ", in flight a host " + std::to_string(options.host_in_flight_max) + ", window " +
          std::to_string(options.window_rows_max) + " rows " +
          std::to_string(options.window_bytes_max) + " bytes, ready a host " +
          std::to_string(options.host_ready_max) + ", capacity " +
          std::to_string(plan_.capacity_max) + ", read delay " +
          format_duration(plan_.read_delay_max) + ", dedup window " +
          format_duration(options.dedup_window) + ", queues " + std::to_string(plan_.mix.queues) +
          ", ordering keys " + std::to_string(plan_.mix.ordering_keys) + ", flow keys " +
          std::to_string(plan_.mix.flow_keys) + ", groups " + std::to_string(plan_.mix.groups) +
          ", functions " + std::to_string(plan_.mix.functions) + ", names " +
          std::to_string(plan_.mix.names);
  return text;
}

}  // namespace ferry::simulation
