#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// An engine that has nothing under way and means to sleep leaves nobody waiting whom nothing holds
// back: a chance that was lost is lost for as long as nothing else happens.
class IdlenessChecker : Checker {
 public:
  IdlenessChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("idleness", facts, findings), options_(options) {}

  void on(const AttemptNotStarted& lack);
  void on(const LifeEnded&) { left_alone_.clear(); }
  void on(const StepMade& step);

 private:
  bool has_room(const Metrics& metrics) const;
  bool held_back(const DeliveryFact& fact, Duration sleep) const;

  const engine::Options& options_;
  std::map<std::string, TimePoint> left_alone_;  // hosts, and until when
};

}  // namespace ferry::simulation
