#pragma once

#include "api/fc/call.h"

namespace ferry::api::fc {

// What was counted, by the names of the platform's console (contract section 8): metricName,
// functionName and qualifier (of 2.0 functions "service$function"), startTime and endTime in
// milliseconds (the last hour), period 60 or 3600 seconds. Counts begin anew with the process.
Awaitable<Answered> query_metrics(Call call);

}  // namespace ferry::api::fc
