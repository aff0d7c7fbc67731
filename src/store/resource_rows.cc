#include "store/resource_rows.h"

#include <algorithm>
#include <bit>

#include "store/records.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

struct ResourceTable {
  ResourceKind kind;
  std::string_view name;
  std::string_view select;
};
constexpr ResourceTable kTables[] = {
    {ResourceKind::kQueue, "queues", sql::kQueues},
    {ResourceKind::kUrlGroup, "url_groups", sql::kUrlGroups},
    {ResourceKind::kSchedule, "schedules", sql::kSchedules},
    {ResourceKind::kFlowKey, "flow_keys", sql::kFlowKeys},
    {ResourceKind::kFunction, "functions", sql::kFunctions},
    {ResourceKind::kService, "services", sql::kServices},
    {ResourceKind::kScheduleBody, "schedule_bodies", {}},  // read one at a time
};

std::string_view table_of(ResourceKind kind) {
  return std::ranges::find(kTables, kind, &ResourceTable::kind)->name;
}

// Binds what its table shows in columns of their own, behind tenant and name; the number of the
// parameter that follows.
struct BindColumns {
  Statement& put;

  int operator()(const QueuePtr& queue) {
    put.bind(3, queue->parallelism).bind(4, queue->paused ? 1 : 0);
    return 5;
  }
  int operator()(const UrlGroupPtr& group) {
    put.bind(3, static_cast<std::int64_t>(group->endpoints.size()));
    return 4;
  }
  int operator()(const SchedulePtr& schedule) {
    put.bind_text(3, schedule->cron).bind_text(4, schedule->destination);
    put.bind(5, schedule->paused ? 1 : 0);
    schedule->next_tick ? put.bind(6, to_unix_ms(*schedule->next_tick)) : put.bind_null(6);
    return 7;
  }
  int operator()(const FlowKeyPtr& key) {
    put.bind(3, key->parallelism).bind(4, key->rate).bind(5, key->period.count());
    put.bind(6, key->paused ? 1 : 0).bind(7, to_unix_ms(key->used_at));
    return 8;
  }
  int operator()(const FunctionPtr& function) {
    put.bind_text(3, function->endpoint).bind(4, function->disabled ? 1 : 0);
    return 5;
  }
  int operator()(const ServicePtr&) { return 3; }
  int operator()(const ScheduleBodyPtr&) { return 3; }
};

}  // namespace

Result<void> write_resources(Database& database, const CommitRun& run) {
  std::string record;
  for (const auto& [key, resource] : run.resources()) {
    const std::string_view table = table_of(key.kind);
    ASSIGN_OR_RETURN(Statement change, database.statement(resource ? put_state_row_sql(table)
                                                                   : delete_state_row_sql(table)));
    change.bind(1, key.tenant.value).bind_text(2, key.name);
    if (resource) {
      record.clear();
      encode_resource(*resource, record);
      change.bind_blob(std::visit(BindColumns{change}, *resource), record);
    }
    RETURN_IF_ERROR(change.run());
  }
  return {};
}

Result<void> write_sequences(Database& database, const CommitRun& run) {
  std::string record;
  for (const auto& [lane, sequence] : run.sequences()) {
    const bool gone = sequence.held.empty();
    ASSIGN_OR_RETURN(Statement change, database.statement(gone ? delete_state_row_sql("sequences")
                                                               : put_state_row_sql("sequences")));
    change.bind(1, std::bit_cast<std::int64_t>(lane));
    if (!gone) {
      record.clear();
      encode_sequence(sequence, record);
      change.bind(2, sequence.tenant.value);
      change.bind(3, static_cast<std::int64_t>(sequence.held.size())).bind_blob(4, record);
    }
    RETURN_IF_ERROR(change.run());
  }
  return {};
}

Result<std::vector<Resource>> read_resources(Database& database) {
  std::vector<Resource> resources;
  for (const ResourceTable& table : kTables) {
    if (table.select.empty()) continue;
    ASSIGN_OR_RETURN(Statement rows, database.statement(table.select));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      ASSIGN_OR_RETURN(Resource resource, decode_resource(table.kind, rows.bytes(0)));
      resources.push_back(std::move(resource));
    }
  }
  return resources;
}

Result<ScheduleBodyPtr> read_schedule_body(Database& database, TenantId tenant,
                                           std::string_view schedule) {
  ASSIGN_OR_RETURN(Statement select, database.statement(sql::kScheduleBody));
  select.bind(1, tenant.value).bind_text(2, schedule);
  ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) return nullptr;
  ASSIGN_OR_RETURN(ScheduleBody body, decode_schedule_body(select.bytes(0)));
  return std::make_shared<const ScheduleBody>(std::move(body));
}

Result<std::vector<Sequence>> read_sequences(Database& database) {
  std::vector<Sequence> sequences;
  ASSIGN_OR_RETURN(Statement rows, database.statement(sql::kSequences));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    ASSIGN_OR_RETURN(Sequence sequence, decode_sequence(rows.bytes(0)));
    sequences.push_back(std::move(sequence));
  }
  std::ranges::sort(sequences, {}, &Sequence::lane);
  return sequences;
}

}  // namespace ferry::store
