#pragma once

#include <cstddef>

#include "api/call.h"

namespace ferry::api {

// Items of one batch; keeps the memory that a body of limits::kBatchBytesMaxDefault can demand
// within what such a body takes itself.
inline constexpr std::size_t kBatchItemsMax = 10'000;

// POST /v2/batch (contract section 4): all items are validated first, then stored together or not
// at all. The errors are those of publish with "batch item N: " in front, counted from 0.
Awaitable<Answered> batch(Call call);

}  // namespace ferry::api
