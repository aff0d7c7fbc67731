#include "domain/event.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

constexpr EventState kAll[] = {
    EventState::kCreated,         EventState::kActive,    EventState::kRetry,
    EventState::kError,           EventState::kDelivered, EventState::kFailed,
    EventState::kCancelRequested, EventState::kCanceled,
};

TEST(EventState, NamesAreThoseOfTheWire) {
  EXPECT_EQ(event_state_name(EventState::kCreated), "CREATED");
  EXPECT_EQ(event_state_name(EventState::kActive), "ACTIVE");
  EXPECT_EQ(event_state_name(EventState::kRetry), "RETRY");
  EXPECT_EQ(event_state_name(EventState::kError), "ERROR");
  EXPECT_EQ(event_state_name(EventState::kDelivered), "DELIVERED");
  EXPECT_EQ(event_state_name(EventState::kFailed), "FAILED");
  EXPECT_EQ(event_state_name(EventState::kCancelRequested), "CANCEL_REQUESTED");
  EXPECT_EQ(event_state_name(EventState::kCanceled), "CANCELED");
}

TEST(EventState, StoredNumbersNeverChange) {
  unsigned number = 1;
  for (const EventState state : kAll) EXPECT_EQ(static_cast<unsigned>(state), number++);
}

TEST(StateFilter, EveryNameReadsAsItsOwnBit) {
  for (const EventState state : kAll) {
    EXPECT_EQ(parse_state_filter(event_state_name(state)), state_bit(state));
  }
}

TEST(StateFilter, CaseDoesNotMatter) {
  EXPECT_EQ(parse_state_filter("delivered"), state_bit(EventState::kDelivered));
  EXPECT_EQ(parse_state_filter("Cancel_Requested"), state_bit(EventState::kCancelRequested));
  EXPECT_EQ(parse_state_filter("cancelled"), state_bit(EventState::kCanceled));
}

TEST(StateFilter, BothSpellingsOfCancelledAreRead) {
  EXPECT_EQ(parse_state_filter("CANCELED"), state_bit(EventState::kCanceled));
  EXPECT_EQ(parse_state_filter("CANCELLED"), state_bit(EventState::kCanceled));
}

TEST(StateFilter, InProgressIsActiveRetryOrError) {
  EXPECT_EQ(parse_state_filter("IN_PROGRESS"), state_bit(EventState::kActive) |
                                                   state_bit(EventState::kRetry) |
                                                   state_bit(EventState::kError));
}

TEST(StateFilter, OtherTextsAreNoFilter) {
  for (const std::string_view text : {"", " ", "DONE", "CREATED ", "CREATED,ACTIVE", "1"}) {
    EXPECT_FALSE(parse_state_filter(text)) << text;
  }
}

}  // namespace
}  // namespace ferry
