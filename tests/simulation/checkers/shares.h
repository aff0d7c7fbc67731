#pragma once

#include "simulation/checkers/checker.h"
#include "simulation/checkers/occupancy.h"

namespace ferry::simulation {

// Nothing starts that would hold more than a share: of the slots, an address has an eighth for its
// slow attempts, a tenant a quarter, all together half; and all attempts at most twice the slots.
// A host that has answered nothing begins with sixteen.
class ShareChecker : Checker {
 public:
  ShareChecker(const Facts& facts, Findings& findings, const engine::Options& options)
      : Checker("shares", facts, findings), options_(options), occupancy_(options) {}

  void on(const AttemptStarted& started);
  void on(const LifeEnded& ended);
  template <class T>
    requires requires(Occupancy& occupancy, const T& observation) { occupancy.on(observation); }
  void on(const T& observation) {
    note_answer(observation);
    occupancy_.on(observation);
  }

 private:
  template <class T>
  void note_answer(const T&) {}
  void note_answer(const AttemptReported& reported);
  void check_slow(const AttemptStarted& started, const std::string& host);

  const engine::Options& options_;
  Occupancy occupancy_;
  std::set<std::string> answered_;  // hosts that answered anything, in this life
};

}  // namespace ferry::simulation
