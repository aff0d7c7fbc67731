#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Flow control keys: never more attempts at once than the parallelism within one life, nothing
// while the key is paused, and no start outside a window that is stored. Windows begin a period
// apart, unless somebody reset them, and none has more starts than the rate, crashes or not.
class FlowChecker : Checker {
 public:
  FlowChecker(const Facts& facts, Findings& findings) : Checker("flow", facts, findings) {}

  void on(const CallMade& made);
  void on(const CallAnswered& answered);
  void on(const SetStored& stored);
  void on(const AttemptStarted& started);
  void on(const AttemptReported& reported);
  void on(const AttemptNotStarted& lack);
  void on(const AttemptCut& cut);
  void on(const LifeEnded& ended);

 private:
  using Name = std::pair<TenantId, std::string>;
  struct Flow {
    std::int32_t running = 0;  // in this life
    TimePoint window;          // the last one
    std::int32_t started = 0;  // in it
    std::set<CallId> resets;   // that may still come
  };
  struct Running {
    Name name;
    std::uint64_t start = 0;
    TimePoint window;
  };

  void check_window(const Name& name, const FlowKey& key);
  void check_rate(const AttemptStarted& started, const FlowKey& key, Flow& flow);

  std::map<Name, Flow> flows_;
  std::map<DeliveryId, Running> running_;
};

}  // namespace ferry::simulation
