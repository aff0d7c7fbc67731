#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/delivery.h"

namespace ferry {

// One entry of the event log (contract section 14.3).
// These numbers are stored: never change or re-use one.
enum class EventState : std::uint8_t {
  kCreated = 1,
  kActive = 2,
  kRetry = 3,
  kError = 4,
  kDelivered = 5,
  kFailed = 6,
  kCancelRequested = 7,
  kCanceled = 8,
};

std::string_view event_state_name(EventState state);  // "CREATED" … "CANCELED"

// Bit of a state in a set of states.
constexpr std::uint32_t state_bit(EventState state) { return 1u << static_cast<unsigned>(state); }

// The set that a `state` filter value names, in any case: one state, both spellings of cancelled,
// or IN_PROGRESS (ACTIVE, RETRY and ERROR). Nothing for other texts.
std::optional<std::uint32_t> parse_state_filter(std::string_view text);

struct Event {
  TimePoint time;
  EventState state = EventState::kCreated;
  std::string error;                          // ERROR, FAILED
  std::optional<TimePoint> next_delivery_at;  // CREATED, RETRY
  ResponsePtr response;                       // ERROR, FAILED: what the target answered, or null
};

// What one delivery did within one write-set, with the delivery as it was then.
struct Entry {
  Delivery delivery;
  std::vector<Event> events;  // in order of time, never empty
};

}  // namespace ferry
