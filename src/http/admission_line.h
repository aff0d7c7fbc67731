#pragma once

#include <memory>

#include "base/time.h"
#include "http/awaitable.h"
#include "http/byte_budget.h"

namespace ferry::http {

// Where the coroutines of one io_context wait for their claims: claims are granted on any thread,
// so one timer looks for those that were, a few milliseconds apart and only while someone waits.
// One thread, the io_context's.
class AdmissionLine {
 public:
  explicit AdmissionLine(asio::io_context& io);
  ~AdmissionLine();  // cancels all that wait
  AdmissionLine(const AdmissionLine&) = delete;
  AdmissionLine& operator=(const AdmissionLine&) = delete;

  // True once the claim is granted; false when that took longer than `longest`, or was cancelled.
  // The claim must stay until this returns.
  Awaitable<bool> wait(const ByteBudget::Claim& claim, Duration longest);
  // Nothing happens when the claim does not wait here.
  void cancel(const ByteBudget::Claim& claim);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the timer's completion
};

}  // namespace ferry::http
