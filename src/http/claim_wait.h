#pragma once

#include "base/time.h"
#include "http/awaitable.h"
#include "http/byte_budget.h"

namespace ferry::http {

// Waits for memory where no AdmissionLine is at hand. True once the claim is granted; false when
// that took longer than `longest`. The claim must stay until this returns.
Awaitable<bool> wait_until_granted(const ByteBudget::Claim& claim, Duration longest);

}  // namespace ferry::http
