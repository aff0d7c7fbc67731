#pragma once

#include <memory>
#include <optional>

#include "app/clock.h"
#include "app/operator_commands.h"
#include "base/metrics.h"
#include "engine/engine.h"
#include "store/embedded_store.h"
#include "store/store.h"

namespace ferry::app {

// The operator's commands on a store that no server has open: an engine that is stepped by hand
// and starts no attempts. One thread; the references outlive it. After a failed change it answers
// every further one with that error.
class OfflineEngine {
 public:
  static Result<std::unique_ptr<OfflineEngine>> recover(store::Store& store, Metrics& metrics,
                                                        Clock& clock);

  // Refers to this object. `embedded` is the same store, or null for one without files.
  Operator as_operator(store::EmbeddedStore* embedded);

 private:
  OfflineEngine(store::Store& store, Clock& clock, std::unique_ptr<engine::Engine> engine);
  engine::Answer change(OperatorChange command);
  Result<ServerStatus> status();

  store::Store& store_;
  Clock& clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Error> failure_;
};

}  // namespace ferry::app
