#include "store/event_list.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <ranges>
#include <unordered_map>

#include "store/cursor.h"
#include "store/entry_stream.h"
#include "store/list_filter.h"
#include "store/meta_rows.h"
#include "store/statements.h"

// The cursor of an event: its time, the position of its write-set, its number within that.
//
// A day is read entry by entry, by the time of the last event. An entry not read yet has no event
// behind that time (latest first), or before that time less the longest span of an entry of the day
// (earliest first): the events on the safe side of this frontier leave the heap in their exact
// order.

namespace ferry::store {
namespace {

constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::int64_t kOrderMax = std::numeric_limits<std::int64_t>::max();

// A large response would be kept for every event that waits in the heap: it is read again instead.
constexpr std::size_t kResponseKeptMax = 4u << 10;
// Messages that were read for the filter, or for the event before, are kept up to this.
constexpr std::size_t kMessagesKeptMax = 4u << 20;
constexpr std::size_t kBytesReadMax = 64u << 20;  // of messages, for one page

struct Candidate {
  Cursor place;
  Event event;
  std::shared_ptr<const Delivery> delivery;
  std::int64_t seq = 0;   // of its entry
  std::size_t index = 0;  // among the entry's events
  bool without_response = false;
};

std::shared_ptr<const Delivery> delivery_at(const Delivery& last, const Progress& progress) {
  auto delivery = std::make_shared<Delivery>(last);
  delivery->not_before = progress.not_before;
  delivery->due_at = progress.due_at;
  delivery->retried = progress.retried;
  delivery->cancel_requested = progress.cancel_requested;
  delivery->lane = progress.lane;
  delivery->slot = progress.slot;
  return delivery;
}

class EventList {
 public:
  EventList(SqliteTables& tables, const PageRequest& page, std::optional<Cursor> start,
            int entries_read_max)
      : tables_(tables),
        entries_read_max_(entries_read_max /
                          static_cast<int>(std::min<std::size_t>(filter_weight(page.filter), 10))),
        filter_(page.filter),
        order_(page.order),
        count_(std::max<std::size_t>(page.count, 1)),
        bytes_max_(page.bytes_max),
        start_(start),
        heap_(Later{page.order}) {
    time_min_ = filter_.from ? to_unix_ms(*filter_.from) : -kTimeMax;
    time_max_ = filter_.to ? to_unix_ms(*filter_.to) : kTimeMax;
    if (!start_) return;
    if (latest_first()) time_max_ = std::min(time_max_, to_unix_ms(start_->time));
    if (!latest_first()) time_min_ = std::max(time_min_, to_unix_ms(start_->time));
  }

  Result<EventPage> read() {
    std::vector<std::int64_t> days = tables_.history().days();
    if (latest_first()) std::ranges::reverse(days);
    for (const std::int64_t day : days) {
      if (done_) break;
      if (day < day_of(time_min_) || day > day_of(time_max_)) continue;
      RETURN_IF_ERROR(read_day(day));
    }
    return std::move(page_);
  }

 private:
  // Of a heap: the event to leave it first is the greatest.
  struct Later {
    Order order;
    bool operator()(const Candidate& a, const Candidate& b) const {
      return order == Order::kLatestFirst ? a.place < b.place : a.place > b.place;
    }
  };

  bool latest_first() const { return order_ == Order::kLatestFirst; }
  static std::int64_t day_of(std::int64_t time) { return utc_day(from_unix_ms(time)); }

  Result<void> read_day(std::int64_t day);
  Result<void> read_entry(Database& reader, std::int64_t seq);
  void take_events(MergedEntry& merged, std::int64_t seq);
  Result<void> read_response(Candidate& candidate);
  Result<MessagePtr> message_of(MessageId id);
  bool is_behind_start(const Cursor& place) const;
  bool stops_early(std::int64_t time_last);
  Result<void> release(const std::optional<Cursor>& frontier);
  Result<void> put(Candidate candidate);
  Cursor frontier_at(std::int64_t time_last) const;

  SqliteTables& tables_;
  const int entries_read_max_;
  const ListFilter& filter_;
  const Order order_;
  const std::size_t count_;
  const std::size_t bytes_max_;
  const std::optional<Cursor> start_;
  Database* reader_ = nullptr;                // of the day that is being read
  std::int64_t time_min_ = 0, time_max_ = 0;  // of events

  std::priority_queue<Candidate, std::vector<Candidate>, Later> heap_;
  std::unordered_map<MessageId, MessagePtr> messages_;
  std::size_t messages_kept_bytes_ = 0;
  std::size_t bytes_read_ = 0;  // of messages
  std::size_t page_bytes_ = 0;
  std::int64_t span_max_ = 0;  // of the day's entries
  int entries_read_ = 0;
  bool done_ = false;
  Cursor last_;  // of the page's last event
  EventPage page_;
};

// Every event on the near side of it has been read once entries up to `time_last` were.
Cursor EventList::frontier_at(std::int64_t time_last) const {
  if (latest_first()) return {from_unix_ms(time_last), kOrderMax, kOrderMax};
  return {from_unix_ms(time_last - span_max_), -1, -1};
}

Result<void> EventList::read_day(std::int64_t day) {
  ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> tables, tables_.history().find(day));
  if (tables == nullptr) return {};
  ASSIGN_OR_RETURN(Reader reader, tables->file().reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  reader_ = &*reader;
  ASSIGN_OR_RETURN(span_max_, read_meta_integer(*reader, meta::kEntrySpanMax));
  EntryStream entries(*reader, filter_, {order_, time_min_, time_max_ + span_max_});
  while (!done_) {
    ASSIGN_OR_RETURN(const std::optional<EntryPlace> place, entries.next());
    if (!place) return release(std::nullopt);
    RETURN_IF_ERROR(release(frontier_at(place->time_last)));
    if (done_ || stops_early(place->time_last)) break;
    if (place->time_first <= time_max_) RETURN_IF_ERROR(read_entry(*reader, place->seq));
  }
  return {};
}

// Enough read for one page. Not before the frontier has left the start, or pages would not advance.
bool EventList::stops_early(std::int64_t time_last) {
  if (entries_read_ < entries_read_max_ && bytes_read_ < kBytesReadMax) return false;
  const Cursor frontier = frontier_at(time_last);
  const std::int64_t time = to_unix_ms(frontier.time);
  if (latest_first() ? time >= time_max_ : time <= time_min_) return false;
  page_.cursor = encode_cursor(frontier);
  page_.cut_short = true;
  return done_ = true;
}

bool EventList::is_behind_start(const Cursor& place) const {
  return !start_ || (latest_first() ? place < *start_ : place > *start_);
}

Result<void> EventList::read_entry(Database& reader, std::int64_t seq) {
  ASSIGN_OR_RETURN(Statement row, reader.statement(sql::kEntry));
  ASSIGN_OR_RETURN(const bool found, row.bind(1, seq).step());
  ++entries_read_;
  if (!found || row.integer(0) != filter_.tenant.value || row.integer(1) > time_max_) return {};
  if (filter_.states != 0 && (filter_.states & row.integer(2)) == 0) return {};
  ASSIGN_OR_RETURN(MergedEntry merged, decode_merged_entry(row.bytes(3), row.bytes(4)));
  MessagePtr message;
  if (asks_about_message(filter_)) {
    ASSIGN_OR_RETURN(message, message_of(merged.entry.delivery.message_id));
  }
  if (matches(filter_, merged.entry.delivery, message.get())) take_events(merged, seq);
  return {};
}

void EventList::take_events(MergedEntry& merged, std::int64_t seq) {
  std::size_t index = 0;
  for (const EntryPart& part : merged.parts) {
    std::shared_ptr<const Delivery> delivery;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(part.events); ++i, ++index) {
      Event& event = merged.entry.events[index];
      const Cursor place{event.time, static_cast<std::int64_t>(part.position), part.number + i};
      if (!is_behind_start(place) || !passes(filter_, event)) continue;
      if (delivery == nullptr) delivery = delivery_at(merged.entry.delivery, part.progress);
      const bool large = event.response && event.response->body.size() > kResponseKeptMax;
      if (large) event.response.reset();
      heap_.push({place, std::move(event), delivery, seq, index, large});
    }
  }
}

// Puts what is safely next on the page: all that is before the frontier, or everything.
Result<void> EventList::release(const std::optional<Cursor>& frontier) {
  while (!heap_.empty() && !done_) {
    const Candidate& next = heap_.top();
    if (frontier) {
      const bool safe = latest_first() ? next.place > *frontier : next.place < *frontier;
      if (!safe) break;
    }
    Candidate first = next;
    heap_.pop();
    RETURN_IF_ERROR(put(std::move(first)));
  }
  return {};
}

// One event more than the page has only tells that another page follows.
Result<void> EventList::put(Candidate candidate) {
  if (page_.events.size() < count_) {
    if (candidate.without_response) RETURN_IF_ERROR(read_response(candidate));
    ASSIGN_OR_RETURN(MessagePtr message, message_of(candidate.delivery->message_id));
    const Event& event = candidate.event;
    page_bytes_ += row_bytes(message.get(), event.response ? &*event.response : nullptr);
    if (page_.events.empty() || page_bytes_ <= bytes_max_) {
      last_ = candidate.place;
      if (page_.events.empty()) {
        const std::int64_t step = latest_first() ? 1 : -1;
        page_.start = encode_cursor({last_.time, last_.a, last_.b + step});
      }
      page_.events.push_back({std::move(candidate.event), *candidate.delivery, std::move(message)});
      return {};
    }
  }
  page_.cursor = encode_cursor(last_);
  done_ = true;
  return {};
}

// Within the transaction that the entry was read in.
Result<void> EventList::read_response(Candidate& candidate) {
  ASSIGN_OR_RETURN(Statement row, reader_->statement(sql::kEntry));
  ASSIGN_OR_RETURN(const bool found, row.bind(1, candidate.seq).step());
  if (!found) return fail(ErrorCode::kStoreCorrupt, "an entry is gone while it is read");
  ASSIGN_OR_RETURN(MergedEntry merged, decode_merged_entry(row.bytes(3), row.bytes(4)));
  candidate.event = std::move(merged.entry.events.at(candidate.index));
  return {};
}

Result<MessagePtr> EventList::message_of(MessageId id) {
  const auto known = messages_.find(id);
  if (known != messages_.end()) return known->second;
  ASSIGN_OR_RETURN(MessagePtr message, tables_.content(id));
  const std::size_t bytes = row_bytes(message.get(), nullptr);
  bytes_read_ += bytes;
  messages_kept_bytes_ += bytes;
  if (messages_kept_bytes_ > kMessagesKeptMax) {
    messages_.clear();
    messages_kept_bytes_ = bytes;
  }
  messages_.emplace(id, message);
  return message;
}

}  // namespace

Result<EventPage> list_events(SqliteTables& tables, const PageRequest& page, int entries_read_max) {
  std::optional<Cursor> start;
  if (!page.cursor.empty()) {
    ASSIGN_OR_RETURN(start, decode_cursor(page.cursor));
  }
  return EventList(tables, page, start, entries_read_max).read();
}

}  // namespace ferry::store
