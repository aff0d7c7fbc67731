#include "store/schema.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/digest.h"

namespace ferry::store {
namespace {

using enum ColumnType;

const Table kMeta{
    .name = "meta", .columns = {{"key", kText}, {"value", kBlob}}, .key = {"key"}, .indexes = {}};

// What is pending. A delivery waits in its lane in the order (due_at, id); lanes and sequences are
// 64-bit hashes kept as the integers with the same bits. A sequence has as members the deliveries
// that go in order, not the callbacks that help to hold the slot of another one. Most messages have
// one delivery, with the id of the message: only its siblings are indexed by it.
const std::array kStateTables{
    kMeta,
    Table{.name = "messages",
          .columns = {{"id"},
                      {"tenant"},
                      {"created_at"},
                      {"body_bytes"},
                      {"labels", kBlob, true},
                      {"flow_key", kText, true},
                      {"record", kBlob}},
          .key = {"id"},
          .indexes = {}},
    // The bodies that are too large to be held in memory, in pieces of 64 KB (body_rows.h).
    Table{.name = "message_bodies",
          .columns = {{"message_id"}, {"part"}, {"data", kBlob}},
          .key = {"message_id", "part"},
          .indexes = {}},
    Table{.name = "deliveries",
          .columns = {{"id"},
                      {"message_id"},
                      {"tenant"},
                      {"lane"},
                      {"due_at"},
                      {"sequence"},
                      {"slot"},
                      {"queue", kText, true},
                      {"record", kBlob}},
          .key = {"id"},
          .indexes = {{"deliveries_by_lane", {"lane", "due_at", "id"}},
                      {"deliveries_by_sequence",
                       {"sequence", "slot"},
                       "sequence <> 0 AND (slot = 0 OR slot = id)"},
                      {"deliveries_by_message", {"message_id"}, "id <> message_id"},
                      {"deliveries_by_queue", {"tenant", "queue", "id"}, "queue IS NOT NULL"}}},
    Table{.name = "dead_letters",
          .columns = {{"id"}, {"tenant"}, {"delivery_id"}, {"record", kBlob}},
          .key = {"id"},
          .indexes = {{"dead_letters_by_tenant", {"tenant", "id"}},
                      {"dead_letters_by_delivery", {"delivery_id"}}}},
    Table{.name = "letter_bodies",
          .columns = {{"letter_id"}, {"part"}, {"data", kBlob}},
          .key = {"letter_id", "part"},
          .indexes = {}},
    Table{.name = "letter_keys",
          .columns = {{"kind"}, {"hash"}, {"id"}},
          .key = {"kind", "hash", "id"},
          .indexes = {{"letter_keys_by_letter", {"id"}}}},
    Table{.name = "queues",
          .columns = {{"tenant"}, {"name", kText}, {"parallelism"}, {"paused"}, {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "url_groups",
          .columns = {{"tenant"}, {"name", kText}, {"endpoints"}, {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "schedules",
          .columns = {{"tenant"},
                      {"name", kText},
                      {"cron", kText},
                      {"destination", kText},
                      {"paused"},
                      {"next_tick", kInteger, true},
                      {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "flow_keys",
          .columns = {{"tenant"},
                      {"name", kText},
                      {"parallelism"},
                      {"rate"},
                      {"period"},
                      {"paused"},
                      {"used_at"},
                      {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "functions",
          .columns =
              {{"tenant"}, {"name", kText}, {"endpoint", kText}, {"disabled"}, {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "services",
          .columns = {{"tenant"}, {"name", kText}, {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "schedule_bodies",
          .columns = {{"tenant"}, {"name", kText}, {"record", kBlob}},
          .key = {"tenant", "name"},
          .indexes = {}},
    Table{.name = "sequences",
          .columns = {{"lane"}, {"tenant"}, {"held"}, {"record", kBlob}},
          .key = {"lane"},
          .indexes = {}},
    Table{.name = "dedup",
          .columns = {{"tenant"}, {"digest", kBlob}, {"expires_at"}, {"record", kBlob}},
          .key = {"tenant", "digest"},
          .indexes = {{"dedup_by_expiry", {"expires_at"}}}},
    Table{.name = "tenants",
          .columns = {{"id"}, {"name", kText}, {"record", kBlob}},
          .key = {"id"},
          .indexes = {}},
    Table{.name = "settings",
          .columns = {{"key", kText}, {"value", kBlob}},
          .key = {"key"},
          .indexes = {}},
    // The last position that touched the file of a day: a file that is behind it lost writes to a
    // power failure and is replayed from where it is.
    Table{.name = "history_files",
          .columns = {{"day"}, {"applied_position"}},
          .key = {"day"},
          .indexes = {}},
};

// One day of what happened. An entry is what one delivery did within one applied run: its events in
// `record`, what tells the entries of its write-sets apart in `parts` (history_rows.h).
const std::array kHistoryTables{
    kMeta,
    Table{.name = "messages",
          .columns = {{"id"}, {"tenant"}, {"labels", kBlob, true}, {"record", kBlob}},
          .key = {"id"},
          .indexes = {}},
    Table{.name = "entries",
          .columns = {{"seq"},
                      {"tenant"},
                      {"delivery_id"},
                      {"message_id"},
                      {"time_first"},
                      {"time_last"},
                      {"states"},
                      {"parts", kBlob},
                      {"record", kBlob}},
          .key = {"seq"},
          .indexes = {{"entries_by_time", {"tenant", "time_last", "time_first"}},
                      {"entries_by_delivery", {"delivery_id"}}}},
    Table{.name = "entry_keys",
          .columns = {{"kind"}, {"hash"}, {"time"}, {"seq"}},
          .key = {"kind", "hash", "time", "seq"},
          .indexes = {}},
};

std::string_view type_name(ColumnType type) {
  switch (type) {
    case kInteger:
      return "INTEGER";
    case kText:
      return "TEXT";
    case kBlob:
      return "BLOB";
  }
  return {};
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

void append_table(std::string& out, const Table& table) {
  out.append("CREATE TABLE ").append(table.name).append(" (");
  for (const Column& column : table.columns) {
    out.append(column.name).append(" ").append(type_name(column.type));
    if (!column.optional) out += " NOT NULL";
    out += ", ";
  }
  out.append("PRIMARY KEY (").append(joined(table.key)).append("))");
  out += table.clustered() ? " WITHOUT ROWID;\n" : ";\n";
  for (const Index& index : table.indexes) {
    out.append("CREATE INDEX ").append(index.name).append(" ON ").append(table.name);
    out.append(" (").append(joined(index.columns)).append(")");
    if (!index.condition.empty()) out.append(" WHERE ").append(index.condition);
    out += ";\n";
  }
}

}  // namespace

bool Table::clustered() const {
  return key.size() > 1 || columns.front().type != ColumnType::kInteger;
}

std::span<const Table> tables_of(FileKind kind) {
  if (kind == FileKind::kState) return kStateTables;
  return kHistoryTables;
}

const Table& table_of(FileKind kind, std::string_view name) {
  const std::span<const Table> tables = tables_of(kind);
  const auto found = std::ranges::find(tables, name, &Table::name);
  CHECK(found != tables.end());
  return *found;
}

std::string create_tables_sql(FileKind kind) {
  std::string out;
  for (const Table& table : tables_of(kind)) append_table(out, table);
  return out;
}

std::int64_t entry_key_hash(EntryKey kind, std::string_view value) {
  return std::bit_cast<std::int64_t>(stable_hash(value, static_cast<std::uint64_t>(kind)));
}

}  // namespace ferry::store
