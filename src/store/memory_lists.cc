#include <algorithm>
#include <iterator>

#include "store/cursor.h"
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

bool in_period(const ListFilter& filter, TimePoint t) {
  return (!filter.from || t >= *filter.from) && (!filter.to || t <= *filter.to);
}

bool passes_status(const ListFilter& filter, const ResponsePtr& response) {
  const std::int32_t status = response == nullptr ? 0 : response->status;
  return filter.response_statuses.empty() ||
         std::ranges::find(filter.response_statuses, status) != filter.response_statuses.end();
}

bool passes_event(const ListFilter& filter, const Event& event) {
  return (filter.states == 0 || (filter.states & state_bit(event.state)) != 0) &&
         in_period(filter, event.time) && passes_status(filter, event.response);
}

bool passes_letter(const ListFilter& filter, const DeadLetter& letter) {
  if (!filter.dead_letters.empty()) {
    return letter.delivery.tenant == filter.tenant &&
           std::ranges::find(filter.dead_letters, letter.id) != filter.dead_letters.end();
  }
  return in_period(filter, time_of_id(letter.id.value)) && passes_status(filter, letter.response) &&
         matches(filter, letter.delivery, letter.message.get());
}

std::size_t rows_of(const PageRequest& page) { return std::max<std::size_t>(page.count, 1); }

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
  walk(places->second, page.order, after, [&](const EventPlace& place) {
    const Entry& entry = *state.entries[static_cast<std::size_t>(place.entry)];
    const Event& event = entry.events[static_cast<std::size_t>(place.event)];
    if (!passes_event(page.filter, event)) return true;
    MessagePtr message = find_message(state.all_messages, entry.delivery.message_id);
    if (!matches(page.filter, entry.delivery, message.get())) return true;
    if (result.events.size() == rows_of(page)) {
      result.cursor = encode_cursor({last.time, last.entry, last.event});
      return false;
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
  walk(state.dead_letters, page.order, after, [&](const auto& row) {
    if (!passes_letter(page.filter, *row.second)) return true;
    if (result.letters.size() == rows_of(page)) {
      const std::int64_t last = result.letters.back()->id.value;
      result.cursor = encode_cursor({time_of_id(last), last, 0});
      return false;
    }
    result.letters.push_back(row.second);
    return true;
  });
  return result;
}

}  // namespace ferry::store
