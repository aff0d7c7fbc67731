#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sqlite_database.h"

// The rows of `meta`, which says about a file what it is and how far it came (schema.h names the
// keys).

namespace ferry::store {

// kStoreCorrupt when the row is missing: each is there from the file's first transaction.
Result<std::int64_t> read_meta_integer(Database& database, std::string_view key);
Result<std::string> read_meta_text(Database& database, std::string_view key);

// Inside the caller's transaction.
Result<void> write_meta(Database& database, std::string_view key, std::int64_t value);
Result<void> write_meta(Database& database, std::string_view key, std::string_view value);

}  // namespace ferry::store
