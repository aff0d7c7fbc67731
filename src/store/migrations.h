#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/schema.h"
#include "store/sqlite_database.h"

namespace ferry::store {

// What turns a file of version `from` into one of version `from` + 1.
struct Migration {
  FileKind kind = FileKind::kState;
  std::int64_t from = 0;
  std::string_view sql;
};

// Every step there ever was, ascending.
std::span<const Migration> migrations();

// Brings a file to `newest`, each step in a transaction of its own, after a copy of the file as it
// was has been laid beside it ("state.db.version-1"). A kind that a version did not change has no
// step for it. kStoreTooNew for a file above `newest`: nothing is touched.
Result<void> migrate(Database& database, FileKind kind, std::int64_t newest,
                     std::span<const Migration> steps);

}  // namespace ferry::store
