#include <gtest/gtest.h>

#include "engine/flow_ledger.h"

// Who is given back to the store when the window is full.

namespace ferry::engine {
namespace {

constexpr LaneId kA = 11;
constexpr LaneId kB = 12;
constexpr LaneId kHost = 21;
constexpr std::uint32_t kRoom = 1'000;
constexpr LineRule kOneSlot{.kind = LineKind::kSequence, .slots = 1};

using Ids = std::vector<std::int64_t>;

class FlowLedgerRoomTest : public ::testing::Test {
 protected:
  bool join(LaneId line, const LineRule& rule, std::int64_t id) {
    return ledger_.add(line, rule, {.id = DeliveryId{id}, .host = kHost}, kRoom);
  }
  void start_all() {
    while (ledger_.next(now_)) {
    }
  }
  Ids held_back(std::size_t rows_min) {
    Ids ids;
    for (const DeliveryId id : ledger_.take_held_back(rows_min)) ids.push_back(id.value);
    return ids;
  }

  TimePoint now_ = from_unix_ms(1'000'000);
  FlowLedger ledger_{{.slots = 1'000, .host_slots = 2, .ready_max = 4}};
};

TEST_F(FlowLedgerRoomTest, TellsWhoWaitsForASlotOfAFullSequence) {
  for (int id = 1; id <= 3; ++id) EXPECT_TRUE(join(kA, kOneSlot, id));
  EXPECT_EQ(held_back(10), Ids());
  start_all();
  EXPECT_EQ(held_back(10), (Ids{2, 3}));
  ledger_.forget(kA, DeliveryId{2});
  EXPECT_EQ(held_back(10), (Ids{3}));
  ledger_.release_slot(kA);
  EXPECT_EQ(held_back(10), Ids());
}

TEST_F(FlowLedgerRoomTest, TellsWhoWaitsInAPausedSequenceUntilItGoesOn) {
  EXPECT_TRUE(join(kA, kOneSlot, 1));
  LineRule paused = kOneSlot;
  paused.blocked = true;
  ledger_.set_rule(kA, paused);
  EXPECT_EQ(held_back(10), (Ids{1}));
  ledger_.set_rule(kA, kOneSlot);
  EXPECT_EQ(held_back(10), Ids());
}

TEST_F(FlowLedgerRoomTest, GivesBackWholeLinesAndNoMoreOfThemThanAsked) {
  for (const LaneId line : {kA, kB}) {
    for (int id = 1; id <= 3; ++id) {
      EXPECT_TRUE(join(line, kOneSlot, static_cast<int>(line) * 10 + id));
    }
  }
  start_all();
  EXPECT_EQ(held_back(1), (Ids{112, 113}));
  EXPECT_EQ(held_back(3), (Ids{112, 113, 122, 123}));
}

TEST_F(FlowLedgerRoomTest, GivesNobodyBackWhileTheLaneBehindIsRead) {
  for (int id = 1; id <= 2; ++id) EXPECT_TRUE(join(kA, kOneSlot, id));
  ledger_.parked(kA, {now_, DeliveryId{3}});
  EXPECT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
  start_all();
  EXPECT_EQ(held_back(10), Ids());
  ledger_.loaded(kA, {.rows = {}, .complete = true});
  EXPECT_EQ(held_back(10), (Ids{2}));
}

TEST_F(FlowLedgerRoomTest, WhatWasGivenBackIsNotReadAgainBeforeSomebodyMayStart) {
  for (int id = 1; id <= 2; ++id) EXPECT_TRUE(join(kA, kOneSlot, id));
  start_all();
  EXPECT_EQ(held_back(10), (Ids{2}));
  ledger_.forget(kA, DeliveryId{2});
  ledger_.parked(kA, {now_, DeliveryId{2}});
  EXPECT_TRUE(ledger_.wanted_loads(kRoom).empty());
  ledger_.release_slot(kA);
  EXPECT_EQ(ledger_.wanted_loads(kRoom).size(), 1u);
}

}  // namespace
}  // namespace ferry::engine
