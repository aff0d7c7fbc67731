#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/commit_run.h"
#include "store/embedded_store.h"

// What a run means for history: which rows go to the file of which day.

namespace ferry::store {

// A row spans at most this long and never midnight, whatever an entry did: so the file of a day
// holds all events of that day and no other, and a list in the order of `time_last` finds every
// event of a moment within a bounded distance (event_list.cc).
inline constexpr Duration kEntrySpanMax{1'000};

// A part of a merged entry: events [first, first + count).
struct EntryRow {
  const MergedEntry* merged = nullptr;
  std::size_t first = 0, count = 0;

  std::span<const Event> events() const {
    return std::span(merged->entry.events).subspan(first, count);
  }
  // Cut to these events.
  std::vector<EntryPart> parts() const;
};

struct FiledMessage {
  const Message* message = nullptr;
  bool with_body = false;
  DeadLetterId letter;  // that brought it; none: it was published
};

// Points into the run.
struct DayRows {
  std::vector<FiledMessage> messages;  // the last of one id wins
  std::vector<EntryRow> entries;
};

// By day, ascending. Content is filed on the day that its id tells, with the body as `bodies` says:
// with kFailedOnly it comes with the dead letter.
std::map<std::int64_t, DayRows> rows_by_day(const CommitRun& run, HistoryBodies bodies);

// The column `parts`, relative to the delivery of the row's record.
//   parts := part*
//   part  := position:varint (after the first: minus the part before) number:varint events:varint
//            flags:u8 (1 cancel requested, 2 another lane, 4 another slot) retried:svarint
//            due_at:svarint not_before:svarint (the last three: minus the delivery's)
//            lane:fixed64 (with flag 2) slot:varint (with flag 4)
void encode_parts(std::span<const EntryPart> parts, const Delivery& delivery, std::string& out);
Result<std::vector<EntryPart>> decode_parts(std::string_view data, const Delivery& delivery);

// The column `labels`: text*, empty for none.
void encode_labels(const std::vector<std::string>& labels, std::string& out);
std::vector<std::string> decode_labels(std::string_view data);

}  // namespace ferry::store
