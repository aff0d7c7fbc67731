#include "simulation/checkers/memory.h"

namespace ferry::simulation {

void MemoryChecker::on(const LifeBegan& began) {
  expect(last_.fingerprint.empty() || last_.fingerprint == began.fingerprint,
         "recovered \"" + began.fingerprint + "\" from \"" + last_.fingerprint + "\"");
  expect(last_.rows.empty() || last_.rows == began.rows, "recovery changed the rows");
}

}  // namespace ferry::simulation
