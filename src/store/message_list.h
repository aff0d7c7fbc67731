#pragma once

#include "store/queries.h"
#include "store/state_tables.h"

namespace ferry::store {

// One page of the pending deliveries, by id. Ids and queues are looked up; any other filter is
// checked row by row among all deliveries of the period, a bounded number for a page: it may then
// hold fewer rows than asked for, with a cursor to go on from. kInvalidFilter for a cursor that is
// not ours.
Result<MessagePage> list_messages(StateTables& state, const PageRequest& page);

}  // namespace ferry::store
