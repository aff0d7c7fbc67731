#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "domain/dead_letter.h"
#include "domain/event.h"
#include "domain/message.h"

namespace ferry::store {

// One grammar of list filters for events, dead letters and messages: values of one field are OR-ed,
// different fields AND-ed; an empty field does not filter, an empty text as a value finds nothing.
// Times are inclusive.
//
// A list of events holds each event of the tenant once, ordered by its time, then by the order in
// which entries were committed, then by the place within its entry. `states`, the times and
// `response_statuses` (0: no response) look at the single event, the others at the delivery as its
// entry has it.
//
// A list of dead letters is ordered by their ids. `response_statuses` looks at the last response
// (0: none), the times at the id's time; `dead_letters`, when given, overrides all but the tenant.
struct ListFilter {
  TenantId tenant;  // always compared
  std::vector<DeliveryId> deliveries;
  std::vector<DeadLetterId> dead_letters;
  std::vector<std::string> urls, hosts, paths, groups, queues, schedules, labels, caller_ips,
      flow_keys;
  std::vector<std::int32_t> response_statuses;
  std::uint32_t states = 0;  // bits of state_bit(); 0: any
  std::optional<TimePoint> from, to;
};

enum class Order : std::uint8_t { kLatestFirst, kEarliestFirst };

struct PageRequest {
  ListFilter filter;
  Order order = Order::kLatestFirst;
  std::string cursor;         // as an earlier page gave it; empty: from the start
  std::uint32_t count = 100;  // 0 counts as 1
  // Of the rows of the page, about (row_bytes): it ends before the row that would exceed them, and
  // has at least one.
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
  // Bulk calls need no more of a dead letter or a message than its id: nothing else is kept of it.
  bool ids_only = false;
  // A page that goes on where another one ended a moment ago need not see what came meanwhile.
  bool waits_for_barrier = true;
};

// What a row counts as: its bodies, and a little for the rest.
std::size_t row_bytes(const Message* message, const Response* response);
// How much more a row costs to look at with many values in the filter: 1 with a few.
std::size_t filter_weight(const ListFilter& filter);

// One event with what it belongs to.
struct LoggedEvent {
  Event event;
  Delivery delivery;
  MessagePtr message;  // null when history no longer has it
};

struct EventPage {
  std::vector<LoggedEvent> events;
  std::string cursor;  // goes on behind the last event; empty: nothing more passes
  bool cut_short = false;  // enough was looked at, before the page had what it may have
  std::string start;   // the place before the first event; empty when there is none
};

// A delivery with the message it delivers, as the engine needs it to start an attempt.
struct LoadedDelivery {
  Delivery delivery;
  MessagePtr message;
};

struct DeadLetterPage {
  std::vector<DeadLetterPtr> letters;
  std::string cursor;
  bool cut_short = false;  // as of EventPage
};

// Pending deliveries with their messages.
struct MessagePage {
  std::vector<LoadedDelivery> rows;
  std::string cursor;
  bool cut_short = false;  // as of EventPage
};

// One delivery as `GET /v2/messages/{id}` shows it.
struct MessageView {
  Delivery delivery;
  MessagePtr message;
  bool finished = false;  // readable only because it ended less than finished_visible ago
  EventState last_state = EventState::kCreated;
};

// Does a row with these facts pass the filter? The memory store, scans that no index serves and the
// tests of the SQL all ask this one function. Times, states and statuses are the caller's.
bool matches(const ListFilter& filter, const Delivery& delivery, const Message* message);

}  // namespace ferry::store
