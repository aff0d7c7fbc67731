#pragma once

#include "store/queries.h"
#include "store/sqlite_tables.h"

namespace ferry::store {

// One page of the event log from the tables alone, exactly in the order (time, order of commits).
//
// A filter that no index serves (host, path, caller IP, status) is checked row by row; so that a
// reader ends soon, a page looks at a bounded number of entries and may then hold fewer events than
// asked for, even none, with a cursor to go on from. kInvalidFilter for a cursor that is not ours.
inline constexpr int kEntriesReadMax = 20'000;  // about 100 ms of reading, 5 us an entry
Result<EventPage> list_events(SqliteTables& tables, const PageRequest& page,
                              int entries_read_max = kEntriesReadMax);

}  // namespace ferry::store
