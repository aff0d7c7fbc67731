#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// No tenant has more messages a day, retries or delay than its quotas allow, and nobody publishes
// to a full disk.
class QuotaChecker : Checker {
 public:
  QuotaChecker(const Facts& facts, Findings& findings) : Checker("quotas", facts, findings) {}

  void on(const SetStored& stored);

 private:
  struct Day {
    std::int64_t day = 0;
    std::int64_t messages = 0;
  };
  void check_message(TimePoint now, const DeliveryFact& fact, const Tenant& tenant);

  std::map<TenantId, Day> days_;
};

}  // namespace ferry::simulation
