#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/queries.h"
#include "store/sqlite_database.h"

// What the lists ordered by an id of time share (dead letters, messages): where a page begins and
// ends, and how ids found by several keys become one list. Their cursor is the time of the last id
// and the id.

namespace ferry::store {

// Of one page, whatever passes: about 100 ms of reading.
inline constexpr std::size_t kRowsReadMax = 10'000;
inline constexpr std::size_t kBytesReadMax = 64u << 20;

// The ids that may still come: behind the cursor, within the filter's times.
struct IdRange {
  std::int64_t first = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  bool ascending = false;

  bool contains(std::int64_t id) const { return id >= first && id <= last; }
};

enum class Times : std::uint8_t { kFiltered, kIgnored };

// kInvalidFilter for a cursor that is not ours.
Result<IdRange> id_range(const PageRequest& page, Times times);

std::string cursor_behind(std::int64_t id);

// The first column of all rows.
Result<std::vector<std::int64_t>> read_ids_of(Statement& rows);

// Ids in the order asked for, each once.
struct MergedIds {
  std::vector<std::int64_t> ids;
  std::optional<std::int64_t> cut_at;  // the last of them, if others may follow
};

// Joins the ids that each of several keys finds. A key gives at most rows_of_key() of them, so that
// all together stay bounded, and what lies behind the end of a key that has more is left to the
// next page.
class IdMerge {
 public:
  IdMerge(std::size_t keys, bool ascending);

  std::size_t rows_of_key() const { return rows_of_key_; }
  void add(const std::vector<std::int64_t>& ids);  // in the order asked for
  MergedIds take() &&;

 private:
  const std::size_t rows_of_key_;
  const bool ascending_;
  MergedIds merged_;
};

}  // namespace ferry::store
