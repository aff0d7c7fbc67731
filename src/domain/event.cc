#include "domain/event.h"

#include "base/check.h"
#include "base/encoding.h"

namespace ferry {
namespace {

constexpr EventState kStates[] = {
    EventState::kCreated,         EventState::kActive,    EventState::kRetry,
    EventState::kError,           EventState::kDelivered, EventState::kFailed,
    EventState::kCancelRequested, EventState::kCanceled,
};

}  // namespace

std::string_view event_state_name(EventState state) {
  switch (state) {
    case EventState::kCreated:
      return "CREATED";
    case EventState::kActive:
      return "ACTIVE";
    case EventState::kRetry:
      return "RETRY";
    case EventState::kError:
      return "ERROR";
    case EventState::kDelivered:
      return "DELIVERED";
    case EventState::kFailed:
      return "FAILED";
    case EventState::kCancelRequested:
      return "CANCEL_REQUESTED";
    case EventState::kCanceled:
      return "CANCELED";
  }
  CHECK(false);  // every enumerator has returned
}

std::optional<std::uint32_t> parse_state_filter(std::string_view text) {
  for (const EventState state : kStates) {
    if (equals_ignore_case(text, event_state_name(state))) return state_bit(state);
  }
  if (equals_ignore_case(text, "CANCELLED")) return state_bit(EventState::kCanceled);
  if (equals_ignore_case(text, "IN_PROGRESS")) {
    return state_bit(EventState::kActive) | state_bit(EventState::kRetry) |
           state_bit(EventState::kError);
  }
  return std::nullopt;
}

}  // namespace ferry
