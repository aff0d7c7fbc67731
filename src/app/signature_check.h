#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ferry::app {

// Checks an `Upstash-Signature` as a receiver has to (contract section 5.6): HS256 with one of
// `keys`, issued for exactly this `url` and `body`, valid at `now`. kInvalidRequest says what does
// not fit.
Result<void> check_signature(std::string_view jwt, std::span<const std::string> keys,
                             std::string_view url, std::string_view body, TimePoint now);

}  // namespace ferry::app
