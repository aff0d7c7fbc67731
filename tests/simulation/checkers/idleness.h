#pragma once

#include "simulation/checkers/checker.h"
#include "simulation/checkers/occupancy.h"

namespace ferry::simulation {

// An engine that means to sleep leaves nobody waiting whom nothing holds back: a chance that was
// lost is lost for as long as nothing else happens. What others have running holds a tenant back
// only at the same address, or when less than half of the slots is left.
class IdlenessChecker : Checker {
 public:
  IdlenessChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("idleness", facts, findings), options_(options), occupancy_(options) {}

  void on(const AttemptNotStarted& lack);
  void on(const LifeEnded& ended);
  void on(const StepMade& step);
  template <class T>
    requires requires(Occupancy& occupancy, const T& observation) { occupancy.on(observation); }
  void on(const T& observation) {
    occupancy_.on(observation);
  }

 private:
  bool has_room(const Metrics& metrics) const;
  bool held_back(const DeliveryFact& fact, Duration sleep) const;

  bool any_left_alone(TimePoint now) const;
  bool is_delayed_by_others(const Delivery& row) const;

  const engine::Options& options_;
  Occupancy occupancy_;
  std::map<std::string, TimePoint> left_alone_;  // hosts, and until when
};

}  // namespace ferry::simulation
