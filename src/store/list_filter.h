#pragma once

#include "domain/dead_letter.h"
#include "domain/event.h"
#include "store/queries.h"

// The parts of a ListFilter that `matches` leaves to the caller: times, states and statuses.

namespace ferry::store {

bool in_period(const ListFilter& filter, TimePoint time);

// What the filter says about the event itself; its delivery and message are asked about by
// `matches`.
bool passes(const ListFilter& filter, const Event& event);

// Does it ask for anything that only the message knows?
bool asks_about_message(const ListFilter& filter);

// All that the filter says. A list of dead letters by id looks at nothing else but the tenant.
bool passes(const ListFilter& filter, const DeadLetter& letter);

}  // namespace ferry::store
