#include "store/statements.h"

#include <algorithm>
#include <map>

namespace ferry::store {
namespace {

bool in_key(const Table& table, const Column& column) {
  return std::ranges::find(table.key, column.name) != table.key.end();
}

std::string key_list(const Table& table) {
  std::string out;
  for (const std::string_view name : table.key) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

using StatementsByTable = std::map<std::string_view, std::string>;

StatementsByTable for_state_tables(std::string (*make)(const Table&)) {
  StatementsByTable statements;
  for (const Table& table : tables_of(FileKind::kState))
    statements.emplace(table.name, make(table));
  return statements;
}

}  // namespace

std::string insert_row_sql(const Table& table) {
  std::string names, values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) names += ", ", values += ", ";
    names += table.columns[i].name;
    values.append("?").append(std::to_string(i + 1));
  }
  std::string out("INSERT INTO ");
  return out.append(table.name).append(" (").append(names).append(") VALUES (").append(values) +
         ")";
}

std::string put_row_sql(const Table& table) {
  std::string updates;
  for (const Column& column : table.columns) {
    if (in_key(table, column)) continue;
    if (!updates.empty()) updates += ", ";
    updates.append(column.name).append(" = excluded.").append(column.name);
  }
  return insert_row_sql(table) + " ON CONFLICT (" + key_list(table) + ") DO " +
         (updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

std::string delete_row_sql(const Table& table) {
  std::string out("DELETE FROM ");
  out.append(table.name).append(" WHERE ");
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    if (i > 0) out += " AND ";
    out.append(table.key[i]).append(" = ?").append(std::to_string(i + 1));
  }
  return out;
}

const std::string& put_state_row_sql(std::string_view table) {
  static const StatementsByTable kStatements = for_state_tables(put_row_sql);
  return kStatements.at(table);
}

const std::string& delete_state_row_sql(std::string_view table) {
  static const StatementsByTable kStatements = for_state_tables(delete_row_sql);
  return kStatements.at(table);
}

}  // namespace ferry::store
