#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "domain/delivery.h"

namespace ferry::engine {

// The lines that may have somebody to start. Tenants take turns, and so do the lines of each: a
// tenant with a thousand lines gets no more turns than one with a single line.
class Turns {
 public:
  // The line must not be among them.
  void add(TenantId tenant, LaneId line);
  // Takes the next line; the tenant's next one comes after all other tenants'.
  std::optional<LaneId> take();

 private:
  std::deque<TenantId> tenants_;  // that have lines, each once
  std::unordered_map<TenantId, std::deque<LaneId>> lines_;
};

}  // namespace ferry::engine
