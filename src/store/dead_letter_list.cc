#include "store/dead_letter_list.h"

#include <algorithm>

#include "store/body_rows.h"
#include "store/entry_keys.h"
#include "store/id_list.h"
#include "store/list_filter.h"
#include "store/records.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

class DeadLetterList {
 public:
  DeadLetterList(Database& reader, const PageRequest& page, IdRange range)
      : reader_(reader),
        filter_(page.filter),
        range_(range),
        count_(std::max<std::size_t>(page.count, 1)),
        letters_read_max_(kRowsReadMax / std::min<std::size_t>(filter_weight(page.filter), 10)),
        bytes_max_(page.bytes_max),
        ids_only_(page.ids_only) {}

  Result<DeadLetterPage> read() {
    const std::optional<KeyFilter> key = narrowest_key(filter_);
    if (!filter_.dead_letters.empty()) {
      std::vector<std::int64_t> ids;
      for (const DeadLetterId id : filter_.dead_letters) ids.push_back(id.value);
      RETURN_IF_ERROR(read_ids(in_order(std::move(ids))));
    } else if (!filter_.deliveries.empty()) {
      ASSIGN_OR_RETURN(std::vector<std::int64_t> ids, ids_of_deliveries());
      RETURN_IF_ERROR(read_ids(in_order(std::move(ids))));
    } else if (key) {
      ASSIGN_OR_RETURN(const MergedIds found, ids_of_key(*key));
      RETURN_IF_ERROR(read_ids(found.ids));
      if (!done_ && found.cut_at) cut_at(*found.cut_at);
    } else {
      RETURN_IF_ERROR(read_all());
    }
    return std::move(page_);
  }

 private:
  std::vector<std::int64_t> in_order(std::vector<std::int64_t> ids) const;
  Result<std::vector<std::int64_t>> ids_of_deliveries();
  Result<MergedIds> ids_of_key(const KeyFilter& key);
  Result<void> read_ids(const std::vector<std::int64_t>& ids);
  Result<void> read_all();
  Result<void> take(std::int64_t id, std::string_view record);
  bool has_room_for(const DeadLetter& letter);
  void end_at(std::int64_t id) {
    page_.cursor = cursor_behind(id);
    done_ = true;
  }
  void cut_at(std::int64_t id) {
    end_at(id);
    page_.cut_short = true;
  }

  Database& reader_;
  const ListFilter& filter_;
  const IdRange range_;
  const std::size_t count_;
  const std::size_t letters_read_max_;
  const std::size_t bytes_max_;
  const bool ids_only_;
  std::size_t page_bytes_ = 0;
  std::size_t letters_read_ = 0, bytes_read_ = 0;
  bool done_ = false;
  DeadLetterPage page_;
};

std::vector<std::int64_t> DeadLetterList::in_order(std::vector<std::int64_t> ids) const {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (!range_.ascending) std::ranges::reverse(ids);
  return ids;
}

Result<std::vector<std::int64_t>> DeadLetterList::ids_of_deliveries() {
  std::vector<std::int64_t> ids;
  for (const DeliveryId delivery : filter_.deliveries) {
    ASSIGN_OR_RETURN(Statement rows, reader_.statement(sql::kDeadLettersOfDelivery));
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> found,
                     read_ids_of(rows.bind(1, delivery.value)));
    ids.insert(ids.end(), found.begin(), found.end());
  }
  return ids;
}

Result<MergedIds> DeadLetterList::ids_of_key(const KeyFilter& key) {
  IdMerge merge(key.values.size(), range_.ascending);
  for (const std::string& value : key.values) {
    ASSIGN_OR_RETURN(Statement rows, reader_.statement(range_.ascending ? sql::kKeyedLettersUp
                                                                        : sql::kKeyedLettersDown));
    rows.bind(1, static_cast<std::int64_t>(key.kind)).bind(2, entry_key_hash(key.kind, value));
    rows.bind(3, range_.first).bind(4, range_.last);
    rows.bind(5, static_cast<std::int64_t>(merge.rows_of_key()));
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> ids, read_ids_of(rows));
    merge.add(ids);
  }
  return std::move(merge).take();
}

Result<void> DeadLetterList::read_ids(const std::vector<std::int64_t>& ids) {
  ASSIGN_OR_RETURN(Statement select, reader_.statement(sql::kDeadLetter));
  for (const std::int64_t id : ids) {
    if (done_) break;
    if (!range_.contains(id)) continue;
    ASSIGN_OR_RETURN(const bool found, select.bind(1, id).step());
    if (found) RETURN_IF_ERROR(take(id, select.bytes(0)));
    select.rewind();
  }
  return {};
}

Result<void> DeadLetterList::read_all() {
  ASSIGN_OR_RETURN(Statement rows, reader_.statement(range_.ascending ? sql::kDeadLettersUp
                                                                      : sql::kDeadLettersDown));
  rows.bind(1, filter_.tenant.value).bind(2, range_.first).bind(3, range_.last);
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
  if (passed && !has_room_for(letter)) {
    end_at(page_.letters.back()->id.value);
    return {};
  }
  if (passed && ids_only_) {
    DeadLetter only;
    only.id = letter.id;
    page_.letters.push_back(std::make_shared<const DeadLetter>(std::move(only)));
  } else if (passed) {
    if (letter.message->large_body) bytes_read_ += letter.message->large_body->bytes;
    ASSIGN_OR_RETURN(letter.message, with_body(reader_, BodyOwner::kLetter, id, letter.message));
    page_.letters.push_back(std::make_shared<const DeadLetter>(std::move(letter)));
  }
  bytes_read_ += record.size();
  if (++letters_read_ >= letters_read_max_ || bytes_read_ >= kBytesReadMax) cut_at(id);
  return {};
}

bool DeadLetterList::has_room_for(const DeadLetter& letter) {
  if (page_.letters.size() == count_) return false;
  if (!ids_only_) {
    page_bytes_ += row_bytes(letter.message.get(), letter.response ? &*letter.response : nullptr);
  }
  return page_.letters.empty() || page_bytes_ <= bytes_max_;
}

}  // namespace

Result<DeadLetterPage> list_dead_letters(StateTables& state, const PageRequest& page) {
  const bool by_id = !page.filter.dead_letters.empty();
  ASSIGN_OR_RETURN(const IdRange range, id_range(page, by_id ? Times::kIgnored : Times::kFiltered));
  ASSIGN_OR_RETURN(Reader reader, state.file().reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  return DeadLetterList(*reader, page, range).read();
}

}  // namespace ferry::store
