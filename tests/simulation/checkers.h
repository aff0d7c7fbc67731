#pragma once

#include <tuple>

#include "simulation/checkers/attempts.h"
#include "simulation/checkers/batches.h"
#include "simulation/checkers/cancels.h"
#include "simulation/checkers/dedup.h"
#include "simulation/checkers/endings.h"
#include "simulation/checkers/event_log.h"
#include "simulation/checkers/flow.h"
#include "simulation/checkers/functions.h"
#include "simulation/checkers/groups.h"
#include "simulation/checkers/hooks.h"
#include "simulation/checkers/idleness.h"
#include "simulation/checkers/letters.h"
#include "simulation/checkers/memory.h"
#include "simulation/checkers/quotas.h"
#include "simulation/checkers/reads.h"
#include "simulation/checkers/replies.h"
#include "simulation/checkers/retries.h"
#include "simulation/checkers/schedules.h"
#include "simulation/checkers/sequences.h"
#include "simulation/checkers/shares.h"
#include "simulation/checkers/tenants.h"
#include "simulation/checkers/windows.h"

namespace ferry::simulation {

// All checkers: each is told what it looks at, after the facts were.
class Checkers {
 public:
  explicit Checkers(const engine::Options& options)
      : all_(AttemptChecker(facts_, findings_, options), BatchChecker(facts_, findings_),
             CancelChecker(facts_, findings_), DedupChecker(facts_, findings_, options),
             EndingChecker(facts_, findings_), EventLogChecker(facts_, findings_),
             FlowChecker(facts_, findings_), FunctionChecker(facts_, findings_),
             GroupChecker(facts_, findings_), HookChecker(facts_, findings_),
             IdlenessChecker(facts_, findings_, options), LetterChecker(facts_, findings_, options),
             MemoryChecker(facts_, findings_), QuotaChecker(facts_, findings_),
             ReadChecker(facts_, findings_), ReplyChecker(facts_, findings_),
             RetryChecker(facts_, findings_), ScheduleChecker(facts_, findings_),
             SequenceChecker(facts_, findings_), ShareChecker(facts_, findings_, options),
             TenantChecker(facts_, findings_), WindowChecker(facts_, findings_, options)) {}
  Checkers(const Checkers&) = delete;
  Checkers& operator=(const Checkers&) = delete;

  template <class T>
  void tell(const T& observation) {
    if constexpr (requires { facts_.on(observation); }) facts_.on(observation);
    std::apply([&](auto&... checker) { (tell_one(checker, observation), ...); }, all_);
  }

  // The event log must replay to the stored state at any moment.
  void replay(store::Store& store) { std::get<EventLogChecker>(all_).replay(store); }

  const Facts& facts() const { return facts_; }
  const Findings& findings() const { return findings_; }
  // A finding of the world itself.
  void object(std::string_view checker, std::string text) {
    findings_.add(checker, std::move(text));
  }

 private:
  template <class C, class T>
  static void tell_one(C& checker, const T& observation) {
    if constexpr (requires { checker.on(observation); }) checker.on(observation);
  }

  Facts facts_;
  Findings findings_;
  std::tuple<AttemptChecker, BatchChecker, CancelChecker, DedupChecker, EndingChecker,
             EventLogChecker, FlowChecker, FunctionChecker, GroupChecker, HookChecker,
             IdlenessChecker, LetterChecker, MemoryChecker, QuotaChecker, ReadChecker, ReplyChecker,
             RetryChecker, ScheduleChecker, SequenceChecker, ShareChecker, TenantChecker,
             WindowChecker>
      all_;
};

}  // namespace ferry::simulation
