#pragma once

#include <vector>

#include "store/commit_run.h"
#include "store/sqlite_database.h"

// The rows of resources and of sequences in the state file, within the caller's transaction.

namespace ferry::store {

Result<void> write_resources(Database& database, const CommitRun& run);
Result<void> write_sequences(Database& database, const CommitRun& run);

// Ascending by kind, tenant and name, without the bodies of schedules.
Result<std::vector<Resource>> read_resources(Database& database);
// Null: there is none.
Result<ScheduleBodyPtr> read_schedule_body(Database& database, TenantId tenant,
                                           std::string_view schedule);
// Ascending by lane.
Result<std::vector<Sequence>> read_sequences(Database& database);

}  // namespace ferry::store
