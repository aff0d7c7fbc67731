#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Every table of the store, described once: what a backend creates, what the statements are made
// from, what `ferry check` expects to find. What no query filters on travels in a `record` column
// (records.h). A change here is a new schema version with a step in migrations.cc; a golden file
// pins the SQL that each version makes.

namespace ferry::store {

enum class ColumnType : std::uint8_t { kInteger, kText, kBlob };

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::kInteger;
  bool optional = false;
};

struct Index {
  std::string_view name;
  std::vector<std::string_view> columns;
  std::string_view condition = {};  // rows that are not so are not in it; a query must repeat it
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;
  std::vector<std::string_view> key;  // a single integer is the row's own number
  std::vector<Index> indexes;

  // Keyed by more than one integer: rows are stored in the order of the key itself.
  bool clustered() const;
};

// The two kinds of files: what is pending, and one day of history.
enum class FileKind : std::uint8_t { kState, kHistory };

// Of both kinds, and equal for both: one number names the layout of a data folder.
inline constexpr std::int64_t kSchemaVersion = 3;

// The tables of the newest version. The references live as long as the process.
std::span<const Table> tables_of(FileKind kind);
const Table& table_of(FileKind kind, std::string_view name);

// What makes an empty file one of that kind.
std::string create_tables_sql(FileKind kind);

// Rows of `meta`, in every file unless said otherwise.
namespace meta {
inline constexpr std::string_view kSchemaVersionKey = "schema_version";
inline constexpr std::string_view kStoreId = "store_id";
inline constexpr std::string_view kAppliedPosition = "applied_position";
// State only.
inline constexpr std::string_view kIdSecret = "id_secret";
inline constexpr std::string_view kLastId = "last_id";
inline constexpr std::string_view kDeliveries = "deliveries";     // rows of the table of that name
inline constexpr std::string_view kDeadLetters = "dead_letters";  // so totals count nothing
inline constexpr std::string_view kHistoryFirstDay = "history_first_day";  // older days are dropped
// History only: milliseconds between the first and the last event of an entry, at most.
inline constexpr std::string_view kEntrySpanMax = "entry_span_max";
}  // namespace meta

// What an entry of history and a dead letter are found by, apart from the delivery: (kind, hash of
// the value, time or id). The numbers are stored: never change or re-use one.
enum class EntryKey : std::uint8_t {
  kUrl = 1,
  kGroup = 2,
  kQueue = 3,
  kSchedule = 4,
  kLabel = 5,
  kFlowKey = 6,
};

// The stored hash of a value of that kind.
std::int64_t entry_key_hash(EntryKey kind, std::string_view value);

}  // namespace ferry::store
