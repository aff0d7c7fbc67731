#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// Tenants have names of their own, ids that no other ever had, and the next key of a rotation is
// the one that was announced.
class TenantChecker : Checker {
 public:
  TenantChecker(const Facts& facts, Findings& findings) : Checker("tenants", facts, findings) {}

  void on(const SetStored& stored);

 private:
  using Keys = std::pair<std::string, std::string>;  // the current one and the next
  void check_keys(const Tenant& tenant);

  std::map<TenantId, TenantPtr> known_;
  std::map<TenantId, std::set<Keys>> keys_;  // that it ever had
  std::set<TenantId> gone_;
};

}  // namespace ferry::simulation
