#include "simulation/checkers/event_log.h"

#include <algorithm>

namespace ferry::simulation {
namespace {

constexpr std::uint32_t kPageRows = 37;

// What may follow, but for CANCEL_REQUESTED: that may come while an attempt runs or a delivery
// waits, and an attempt's ACTIVE may be stored after it with an earlier time.
bool may_follow(EventState before, EventState after) {
  switch (after) {
    case EventState::kActive:
      return before == EventState::kCreated || before == EventState::kRetry;
    case EventState::kDelivered:
    case EventState::kError:
      return before == EventState::kActive;
    case EventState::kRetry:
    case EventState::kFailed:
      return before == EventState::kError;
    case EventState::kCanceled:
      // After ACTIVE: its attempt was cut.
      return before == EventState::kCreated || before == EventState::kRetry ||
             before == EventState::kActive || before == EventState::kError;
    default:
      return false;
  }
}

std::string text_of(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    text += format_rfc3339(event.time) + " " + std::string(event_state_name(event.state)) + ", ";
  }
  return text;
}

std::ptrdiff_t count_of(const std::vector<Event>& events, EventState state) {
  return std::ranges::count(events, state, &Event::state);
}

bool is_end(EventState state) {
  return state == EventState::kDelivered || state == EventState::kFailed ||
         state == EventState::kCanceled;
}

}  // namespace

std::map<DeliveryId, EventLogChecker::Story> EventLogChecker::read(store::Store& store,
                                                                   TenantId tenant) {
  std::map<DeliveryId, Story> stories;
  store::PageRequest page{.order = store::Order::kEarliestFirst, .count = kPageRows};
  page.filter.tenant = tenant;
  TimePoint last;
  do {
    auto read = store.events(page);
    expect(read.has_value(), "a page of events could not be read");
    if (!read) break;
    for (store::LoggedEvent& logged : read->events) {
      expect(logged.event.time >= last, "events out of order", logged.delivery.id.value);
      last = logged.event.time;
      stories[logged.delivery.id].events.push_back(std::move(logged.event));
    }
    page.cursor = read->cursor;
  } while (!page.cursor.empty());
  return stories;
}

void EventLogChecker::check(DeliveryId id, const Story& story, store::Store& store) {
  const std::vector<Event>& events = story.events;
  EventState before = events.front().state;
  expect(before == EventState::kCreated, "a log that does not begin with CREATED", id.value);
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (events[i].state == EventState::kCancelRequested) continue;
    // An attempt that ran long when its process ended has its ACTIVE, and no outcome.
    const bool broken_off =
        (lives_ > 0 || broken_off_.contains(id)) && before == EventState::kActive &&
        (events[i].state == EventState::kActive || events[i].state == EventState::kCanceled);
    expect(broken_off || may_follow(before, events[i].state),
           "an event that may not follow: " + text_of(events), id.value);
    before = events[i].state;
  }
  expect(count_of(events, EventState::kCancelRequested) <= 1, "asked to cancel twice", id.value);
  const auto known = broken_off_.find(id);
  const std::int64_t breaks = known == broken_off_.end() ? 0 : known->second;
  const auto outcomes =
      count_of(events, EventState::kError) + count_of(events, EventState::kDelivered);
  expect(count_of(events, EventState::kActive) <= outcomes + 1 + lives_ + breaks,
         "too many ACTIVEs", id.value);
  const auto ends = std::ranges::count_if(events, [](const Event& e) { return is_end(e.state); });
  const auto row = store.delivery(id);
  expect(row.has_value(), "a delivery could not be read", id.value);
  if (!row) return;
  expect(ends == (*row ? 0 : 1), "not exactly one end for an ended delivery", id.value);
  if (*row) check_pending((*row)->delivery, story);
}

void EventLogChecker::check_pending(const Delivery& row, const Story& story) {
  const std::vector<Event>& events = story.events;
  const std::int64_t id = row.id.value;
  expect(row.retried == count_of(events, EventState::kRetry), "not as many retries as RETRYs", id);
  expect(row.cancel_requested == (count_of(events, EventState::kCancelRequested) == 1),
         "the row and CANCEL_REQUESTED differ", id);
  std::optional<TimePoint> due;
  for (const Event& event : events) {
    if (event.next_delivery_at) due = event.next_delivery_at;
  }
  expect(due == row.due_at, "the row is due at another time than its event says", id);
}

void EventLogChecker::replay(store::Store& store) {
  std::size_t seen = 0;
  for (const TenantId tenant : facts_.tenants_ever) {
    for (const auto& [id, story] : read(store, tenant)) {
      check(id, story, store);
      ++seen;
    }
  }
  expect(seen == facts_.deliveries.size(), "not every delivery has a log",
         static_cast<std::int64_t>(seen));
}

void EventLogChecker::on(const RunEnded& ended) { replay(ended.store); }

}  // namespace ferry::simulation
