#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// A cancelled delivery has ended, or its running attempt is its last; nobody else's delivery is
// touched; the count is that of deliveries it really stopped.
class CancelChecker : Checker {
 public:
  CancelChecker(const Facts& facts, Findings& findings) : Checker("cancels", facts, findings) {}

  void on(const CallMade& made);
  void on(const CallAnswered& answered);
  void on(const SetStored& stored);

 private:
  struct Asked {
    std::set<DeliveryId> open;  // own ones that were pending and not cancelled when it was asked
    std::set<DeliveryId> pending;
  };
  std::map<CallId, Asked> asked_;
  std::set<DeliveryId> wanted_;  // by their own tenant
};

}  // namespace ferry::simulation
