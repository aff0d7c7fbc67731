#pragma once

#include "store/queries.h"
#include "store/state_tables.h"

namespace ferry::store {

// One page of the dead letters, by id. Ids, deliveries and keys (entry_keys.h) are looked up; any
// other filter is checked row by row in what they leave, else in the tenant's letters of the
// period, a bounded number for a page: it may then hold fewer letters than asked for, with a cursor
// to go on from. kInvalidFilter for a cursor that is not ours.
Result<DeadLetterPage> list_dead_letters(StateTables& state, const PageRequest& page);

}  // namespace ferry::store
