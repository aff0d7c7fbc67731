#include "store/dead_letter_list.h"

#include <algorithm>
#include <limits>

#include "store/cursor.h"
#include "store/list_filter.h"
#include "store/records.h"
#include "store/statements.h"

// The cursor of a dead letter: the time of its id, and the id.

namespace ferry::store {
namespace {

// Of one page, whatever passes: about 100 ms of reading.
constexpr int kLettersReadMax = 10'000;
constexpr std::size_t kBytesReadMax = 64u << 20;

constexpr std::int64_t kIdMax = std::numeric_limits<std::int64_t>::max();

class DeadLetterList {
 public:
  DeadLetterList(Database& reader, const PageRequest& page, std::optional<Cursor> start)
      : reader_(reader),
        filter_(page.filter),
        ascending_(page.order == Order::kEarliestFirst),
        count_(std::max<std::size_t>(page.count, 1)) {
    if (filter_.dead_letters.empty()) {
      if (filter_.from) id_min_ = std::max(id_min_, first_id_at(*filter_.from));
      if (filter_.to) id_max_ = first_id_at(*filter_.to + Duration(1)) - 1;
    }
    if (!start) return;
    if (ascending_) id_min_ = std::max(id_min_, start->a + 1);
    if (!ascending_) id_max_ = std::min(id_max_, start->a - 1);
  }

  Result<DeadLetterPage> read() {
    if (!filter_.dead_letters.empty()) {
      std::vector<std::int64_t> ids;
      for (const DeadLetterId id : filter_.dead_letters) ids.push_back(id.value);
      RETURN_IF_ERROR(read_ids(std::move(ids)));
    } else if (!filter_.deliveries.empty()) {
      ASSIGN_OR_RETURN(std::vector<std::int64_t> ids, ids_of_deliveries());
      RETURN_IF_ERROR(read_ids(std::move(ids)));
    } else {
      RETURN_IF_ERROR(read_all());
    }
    return std::move(page_);
  }

 private:
  Result<std::vector<std::int64_t>> ids_of_deliveries();
  Result<void> read_ids(std::vector<std::int64_t> ids);
  Result<void> read_all();
  Result<void> take(std::int64_t id, std::string_view record);
  void end_at(std::int64_t id) {
    page_.cursor = encode_cursor({time_of_id(id), id, 0});
    done_ = true;
  }

  Database& reader_;
  const ListFilter& filter_;
  const bool ascending_;
  const std::size_t count_;
  std::int64_t id_min_ = 0, id_max_ = kIdMax;
  int letters_read_ = 0;
  std::size_t bytes_read_ = 0;
  bool done_ = false;
  DeadLetterPage page_;
};

Result<std::vector<std::int64_t>> DeadLetterList::ids_of_deliveries() {
  std::vector<std::int64_t> ids;
  for (const DeliveryId delivery : filter_.deliveries) {
    ASSIGN_OR_RETURN(Statement rows, reader_.statement(sql::kDeadLettersOfDelivery));
    rows.bind(1, delivery.value);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      ids.push_back(rows.integer(0));
    }
  }
  return ids;
}

Result<void> DeadLetterList::read_ids(std::vector<std::int64_t> ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (!ascending_) std::ranges::reverse(ids);
  ASSIGN_OR_RETURN(Statement select, reader_.statement(sql::kDeadLetter));
  for (const std::int64_t id : ids) {
    if (done_) break;
    if (id < id_min_ || id > id_max_) continue;
    ASSIGN_OR_RETURN(const bool found, select.bind(1, id).step());
    if (found) RETURN_IF_ERROR(take(id, select.bytes(0)));
    select.rewind();
  }
  return {};
}

Result<void> DeadLetterList::read_all() {
  ASSIGN_OR_RETURN(Statement rows,
                   reader_.statement(ascending_ ? sql::kDeadLettersUp : sql::kDeadLettersDown));
  rows.bind(1, filter_.tenant.value).bind(2, id_min_).bind(3, id_max_);
  while (!done_) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    RETURN_IF_ERROR(take(rows.integer(0), rows.bytes(1)));
  }
  return {};
}

// One letter more than the page has only tells that another page follows.
Result<void> DeadLetterList::take(std::int64_t id, std::string_view record) {
  ASSIGN_OR_RETURN(DeadLetter letter, decode_dead_letter(record));
  const bool passed = passes(filter_, letter);
  if (passed && page_.letters.size() == count_) {
    end_at(page_.letters.back()->id.value);
    return {};
  }
  if (passed) page_.letters.push_back(std::make_shared<const DeadLetter>(std::move(letter)));
  bytes_read_ += record.size();
  if (++letters_read_ >= kLettersReadMax || bytes_read_ >= kBytesReadMax) end_at(id);
  return {};
}

}  // namespace

Result<DeadLetterPage> list_dead_letters(StateTables& state, const PageRequest& page) {
  std::optional<Cursor> start;
  if (!page.cursor.empty()) {
    ASSIGN_OR_RETURN(start, decode_cursor(page.cursor));
  }
  ASSIGN_OR_RETURN(Reader reader, state.file().reader());
  return DeadLetterList(*reader, page, start).read();
}

}  // namespace ferry::store
