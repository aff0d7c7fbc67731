#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/random.h"
#include "engine/engine.h"
#include "simulation/agenda.h"
#include "simulation/checkers.h"
#include "simulation/clients.h"
#include "simulation/faulty_store.h"
#include "simulation/plan.h"
#include "simulation/receivers.h"
#include "simulation/trace.h"

namespace ferry::simulation {

// What a run was.
struct Report {
  std::uint64_t seed = 0;
  std::optional<Finding> finding;
  std::uint64_t trace_hash = 0;
  std::string trace_tail;
  std::uint64_t events = 0;
  std::uint64_t attempts = 0;
  std::uint64_t crashes = 0;
  std::uint64_t commit_faults = 0;
  std::uint64_t deliveries = 0;
  std::string plan;
};

// Everything around one engine, and the engine: clients, receivers, reader threads, disk, clock and
// crashes, all decided by one seed. First the safety phase, with every fault; then the liveness
// phase, without any, in which everything must end.
class World {
 public:
  explicit World(std::uint64_t seed);
  Report run();

 private:
  // ---- what happens
  void happen(ClientTurn);
  void happen(Arrival& arrival);
  void happen(ReadBegins& read);
  void happen(const EngineTurn& turn);
  void happen(Restart);

  // ---- the process around the engine
  void begin_life();
  void end_life(bool commit_failed);
  void crash();
  void step();
  void commit_failed(const Error& error);
  void carry_out(engine::Effect& effect);
  void carry_out(engine::Reply& reply);
  void carry_out(const engine::StartAttempt& attempt);
  void carry_out(const engine::CutAttempt& cut);
  void refuse(const engine::StartAttempt& attempt);
  void tell_address(const engine::StartAttempt& attempt);
  void carry_out(const engine::Load& load);
  void carry_out(const engine::CatalogChanged& changed);
  void carry_out(const engine::UsageChanged& changed);
  void want_turn(TimePoint at);

  // ---- the world around the process
  void meddle();
  void jump();
  void call(engine::Command command);
  void lose_calls();
  void be_kind();
  bool finished() const;
  bool done() const;
  std::string describe_plan() const;
  Duration up_to(Duration most);
  bool chance(std::uint64_t one_in) { return one_in != 0 && random_.one_in(one_in); }

  Random random_;
  Plan plan_;
  Trace trace_;
  Checkers checkers_;
  TimePoint now_;
  FaultyStore store_;
  Clients clients_;
  Receivers receivers_;
  Agenda agenda_;
  Metrics metrics_;

  std::unique_ptr<engine::Engine> engine_;  // null while the process is down
  std::vector<engine::Command> inbox_;
  std::uint64_t process_ = 1;
  std::uint64_t reads_ = 0;  // of the process, under way
  std::uint64_t turn_plan_ = 0;
  TimePoint turn_at_ = TimePoint::max();
  std::uint64_t idle_turns_ = 0;  // in a row at one moment, without any command
  std::uint32_t capacity_ = 0;
  std::set<std::uint64_t> cut_;  // attempts, by start, of which no outcome is reported
  std::uint32_t starts_ = 0;     // of the step being carried out

  std::set<CallId> waiting_;  // calls on their way or in the process
  CallId last_call_ = 0;
  std::uint32_t calls_left_ = 0;
  std::uint64_t happenings_ = 0;
  bool kind_ = false;  // the liveness phase
  Report report_;
};

}  // namespace ferry::simulation
