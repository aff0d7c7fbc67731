#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "api/call.h"
#include "store/queries.h"

// Cancelling many deliveries in slices of limits::kBulkSliceRows, each a command of its own with
// other work in between (design, decision 1). Memory is bounded by one slice.

namespace ferry::api {

// Cancels these; ids that are unknown, finished or given twice do not count. How many were pending.
Awaitable<Result<std::int64_t>> cancel_each(const Context& context, TenantId tenant,
                                            std::vector<DeliveryId> deliveries);

// Cancels what the filter finds among the messages that exist when it is called, oldest first, at
// most `count_max` of them. `filter.to` should not lie in the future: what is published meanwhile
// would be cancelled, too.
Awaitable<Result<std::int64_t>> cancel_matching(const Context& context, store::ListFilter filter,
                                                std::optional<std::int64_t> count_max = {});

}  // namespace ferry::api
