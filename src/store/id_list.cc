#include "store/id_list.h"

#include <algorithm>

#include "domain/ids.h"
#include "store/cursor.h"

namespace ferry::store {

Result<IdRange> id_range(const PageRequest& page, Times times) {
  IdRange range{.ascending = page.order == Order::kEarliestFirst};
  if (times == Times::kFiltered) {
    const ListFilter& filter = page.filter;
    if (filter.from) range.first = std::max(range.first, first_id_at(*filter.from));
    // The last id of that millisecond; the next one may be beyond what an id can carry.
    if (filter.to) range.last = first_id_at(*filter.to) + (first_id_at(TimePoint(Duration(1))) - 1);
  }
  if (page.cursor.empty()) return range;
  ASSIGN_OR_RETURN(const Cursor start, decode_cursor(page.cursor));
  if (range.ascending) {
    if (start.a >= range.last) return IdRange{.first = 1, .last = 0, .ascending = true};
    range.first = std::max(range.first, start.a + 1);
  } else {
    if (start.a <= range.first) return IdRange{.first = 1, .last = 0, .ascending = false};
    range.last = std::min(range.last, start.a - 1);
  }
  return range;
}

std::string cursor_behind(std::int64_t id) { return encode_cursor({time_of_id(id), id, 0}); }

Result<std::vector<std::int64_t>> read_ids_of(Statement& rows) {
  std::vector<std::int64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return ids;
    ids.push_back(rows.integer(0));
  }
}

// At least a page of a hundred for each key, also when there are a thousand keys.
IdMerge::IdMerge(std::size_t keys, bool ascending)
    : rows_of_key_(std::max<std::size_t>(kRowsReadMax / std::max<std::size_t>(keys, 1), 100)),
      ascending_(ascending) {}

void IdMerge::add(const std::vector<std::int64_t>& ids) {
  merged_.ids.insert(merged_.ids.end(), ids.begin(), ids.end());
  if (ids.size() < rows_of_key_) return;
  const std::int64_t cut = merged_.cut_at.value_or(ids.back());
  merged_.cut_at = ascending_ ? std::min(cut, ids.back()) : std::max(cut, ids.back());
}

MergedIds IdMerge::take() && {
  std::vector<std::int64_t>& ids = merged_.ids;
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (!ascending_) std::ranges::reverse(ids);
  if (merged_.cut_at) ids.erase(std::ranges::find(ids, *merged_.cut_at) + 1, ids.end());
  return std::move(merged_);
}

}  // namespace ferry::store
