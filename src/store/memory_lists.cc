#include <algorithm>
#include <iterator>

#include "store/cursor.h"
#include "store/list_filter.h"
#include "store/memory_state.h"

// Lists walk an ordered container from the place behind the cursor and take what passes the filter,
// one row more than the page has, to know whether another page follows.

namespace ferry::store {
namespace {

Result<std::optional<Cursor>> start_of(const PageRequest& page) {
  if (page.cursor.empty()) return std::nullopt;
  return decode_cursor(page.cursor);
}

// Calls `take` with the elements behind `after` in the order asked for, until it returns false.
template <class Elements, class Key, class Take>
void walk(const Elements& elements, Order order, const std::optional<Key>& after, Take take) {
  if (order == Order::kEarliestFirst) {
    auto it = after ? elements.upper_bound(*after) : elements.begin();
    while (it != elements.end() && take(*it)) ++it;
  } else {
    auto it = after ? elements.lower_bound(*after) : elements.end();
    while (it != elements.begin() && take(*std::prev(it))) --it;
  }
}

// What a page has, by rows and bytes.
class Room {
 public:
  explicit Room(const PageRequest& page) : page_(page) {}

  // False when the page ends before this row.
  bool take(const Message* message, const Response* response) {
    if (rows_ == std::max<std::size_t>(page_.count, 1)) return false;
    if (!page_.ids_only) bytes_ += row_bytes(message, response);
    if (rows_ > 0 && bytes_ > page_.bytes_max) return false;
    ++rows_;
    return true;
  }

 private:
  const PageRequest& page_;
  std::size_t rows_ = 0, bytes_ = 0;
};

}  // namespace

// The cursor of an event: its time, the number of its entry, its index within the entry.
Result<EventPage> list_events(const MemoryState& state, const PageRequest& page) {
  ASSIGN_OR_RETURN(const std::optional<Cursor> start, start_of(page));
  EventPage result;
  const auto places = state.events_of.find(page.filter.tenant);
  if (places == state.events_of.end()) return result;
  std::optional<EventPlace> after;
  if (start) after = EventPlace{start->time, start->a, start->b};
  EventPlace last;
  Room room(page);
  walk(places->second, page.order, after, [&](const EventPlace& place) {
    const Entry& entry = *state.entries[static_cast<std::size_t>(place.entry)];
    const Event& event = entry.events[static_cast<std::size_t>(place.event)];
    if (!passes(page.filter, event)) return true;
    MessagePtr message = find_message(state.all_messages, entry.delivery.message_id);
    if (!matches(page.filter, entry.delivery, message.get())) return true;
    if (!room.take(message.get(), event.response ? &*event.response : nullptr)) {
      result.cursor = encode_cursor({last.time, last.entry, last.event});
      return false;
    }
    if (result.events.empty()) {
      const std::int64_t step = page.order == Order::kLatestFirst ? 1 : -1;
      result.start = encode_cursor({place.time, place.entry, place.event + step});
    }
    result.events.push_back({event, entry.delivery, std::move(message)});
    last = place;
    return true;
  });
  return result;
}

// The cursor of a dead letter: the time of its id and the id.
Result<DeadLetterPage> list_dead_letters(const MemoryState& state, const PageRequest& page) {
  ASSIGN_OR_RETURN(const std::optional<Cursor> start, start_of(page));
  DeadLetterPage result;
  std::optional<DeadLetterId> after;
  if (start) after = DeadLetterId{start->a};
  Room room(page);
  walk(state.dead_letters, page.order, after, [&](const auto& row) {
    if (!passes(page.filter, *row.second)) return true;
    const DeadLetter& letter = *row.second;
    if (!room.take(letter.message.get(), letter.response ? &*letter.response : nullptr)) {
      const std::int64_t last = result.letters.back()->id.value;
      result.cursor = encode_cursor({time_of_id(last), last, 0});
      return false;
    }
    result.letters.push_back(row.second);
    return true;
  });
  return result;
}

// The cursor of a message: the time of its delivery's id and the id.
Result<MessagePage> list_messages(const MemoryState& state, const PageRequest& page) {
  ASSIGN_OR_RETURN(const std::optional<Cursor> start, start_of(page));
  MessagePage result;
  std::optional<DeliveryId> after;
  if (start) after = DeliveryId{start->a};
  Room room(page);
  walk(state.deliveries, page.order, after, [&](const auto& row) {
    const auto& [id, delivery] = row;
    MessagePtr message = find_message(state.messages, delivery.message_id);
    const bool passed = in_period(page.filter, time_of_id(id.value)) &&
                        matches(page.filter, delivery, message.get());
    if (!passed) return true;
    if (!room.take(message.get(), nullptr)) {
      const std::int64_t last = result.rows.back().delivery.id.value;
      result.cursor = encode_cursor({time_of_id(last), last, 0});
      return false;
    }
    result.rows.push_back({delivery, std::move(message)});
    return true;
  });
  return result;
}

}  // namespace ferry::store
