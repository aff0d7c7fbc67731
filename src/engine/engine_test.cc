#include "engine/engine_fixture.h"

// The step as a whole: order, budget, windows, failed commits and reads, what happens by itself.

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class StepTest : public EngineTest {
 protected:
  void accept_many(std::size_t count, Item item = {}) {
    accept_all(std::vector<Item>(count, item));
  }
  // Ends attempts with success until nothing starts any more; returns how many there were.
  std::size_t deliver_all(std::size_t at_once_max = SIZE_MAX) {
    std::size_t count = 0;
    settle();
    while (!starts.empty()) {
      EXPECT_LE(starts.size(), at_once_max);
      std::vector<Command> outcomes;
      for (const StartAttempt& attempt : take_starts()) outcomes.emplace_back(succeeded(attempt));
      count += outcomes.size();
      step(std::move(outcomes));
      settle();
    }
    return count;
  }
};

// ---- what a step may start

TEST_F(StepTest, StartsNoMoreThanItsBudget) {
  pass(Duration(1));
  free_slots = 3;
  accept_many(5);
  EXPECT_EQ(take_starts().size(), 3u);
  free_slots = 2;
  step();
  EXPECT_EQ(take_starts().size(), 2u);
}

TEST_F(StepTest, StartsNoMoreThanTheHostMayHave) {
  options.host_in_flight_max = 2;
  pass(Duration(1));
  accept_many(5, {.url = "https://a.test/x"});
  accept_many(1, {.url = "https://b.test/"});
  const auto first = take_starts();
  ASSERT_EQ(first.size(), 3u);
  apply(succeeded(first[0]));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(StepTest, PrefersFirstTriesToRetries) {
  options.host_in_flight_max = 1;
  pass(Duration(1));
  const DeliveryId first = accept({.options = {.retry_delay_expression = "0"}});
  const StartAttempt attempt = take_start();
  const DeliveryId second = accept(Item{});
  apply(failed(attempt));
  const StartAttempt next = take_start();
  EXPECT_EQ(next.delivery.id, second);
  apply(succeeded(next));
  EXPECT_EQ(take_start().delivery.id, first);
}

TEST_F(StepTest, GivesHostsTurns) {
  pass(Duration(1));
  free_slots = 0;
  accept_many(3, {.url = "https://a.test/"});
  accept_many(1, {.url = "https://b.test/"});
  free_slots = 2;
  step();
  const auto started = take_starts();
  ASSERT_EQ(started.size(), 2u);
  EXPECT_NE(started[0].delivery.to->target.url, started[1].delivery.to->target.url);
}

// ---- windows

TEST_F(StepTest, HoldsNoMoreThanItsWindow) {
  options.window_rows_max = 8;
  pass(Duration(1));
  free_slots = 0;
  for (int i = 0; i < 40; ++i) accept_many(1, {.url = "https://h" + std::to_string(i) + ".test/"});
  settle();
  step();
  EXPECT_LE(metrics.window_deliveries.value(), 8);
  free_slots = 100;
  step();
  EXPECT_EQ(deliver_all(), 40u);
  EXPECT_EQ(pending(), 0);
}

TEST_F(StepTest, HoldsNoMoreBodiesThanItsWindow) {
  options.window_bytes_max = 10'000;
  pass(Duration(1));
  free_slots = 0;
  accept_many(20, {.body = std::string(2'000, 'x')});
  settle();
  step();
  EXPECT_LE(metrics.window_bytes.value(), 10'000 + 2'512);
  free_slots = 100;
  step();
  EXPECT_EQ(deliver_all(), 20u);
}

TEST_F(StepTest, ParksWhatAHostCannotTakeAndBringsItBack) {
  options.host_ready_max = 4;
  options.host_in_flight_max = 2;
  pass(Duration(1));
  accept_many(30, {.url = "https://a.test/"});
  settle();
  step();
  EXPECT_LE(metrics.window_deliveries.value(), 6);
  EXPECT_EQ(deliver_all(2), 30u);
  EXPECT_EQ(pending(), 0);
}

TEST_F(StepTest, BringsBackAfterACrashWhatWasParked) {
  options.host_ready_max = 4;
  pass(Duration(1));
  free_slots = 0;
  accept_many(20, {.url = "https://a.test/"});
  restart();
  free_slots = 100;
  pass(Duration(1));
  EXPECT_EQ(deliver_all(), 20u);
}

TEST_F(StepTest, LeavesRoomForOthersBesideSlowHosts) {
  options.window_rows_max = 64;
  options.host_ready_max = 16;
  options.host_in_flight_max = 1;
  pass(Duration(1));
  for (int host = 0; host < 10; ++host) {
    accept_many(16, {.url = "https://slow" + std::to_string(host) + ".test/"});
    settle();
  }
  take_starts();  // which never end
  const DeliveryId id = accept({.url = "https://quick.test/"});
  pass(seconds(3));
  bool started = false;
  for (const StartAttempt& start : take_starts()) started |= start.delivery.id == id;
  EXPECT_TRUE(started);
}

TEST_F(StepTest, LoadsInTimeWhatIsFarAway) {
  std::vector<Item> items;
  for (int i = 0; i < 50; ++i) items.push_back({.options = {.delay = seconds(10 * i)}});
  const TimePoint begin = now;
  const auto ids = accept_all(std::move(items));
  settle();
  EXPECT_LE(metrics.window_deliveries.value(), 2);
  std::size_t next = 0;
  while (next < ids.size()) {
    for (const StartAttempt& start : take_starts()) {
      EXPECT_EQ(start.delivery.id, ids[next]);
      EXPECT_EQ(now, begin + seconds(10) * next);
      ++next;
      apply(succeeded(start));
    }
    pass(seconds(1));
  }
}

TEST_F(StepTest, CatchesUpAfterAJumpOfTheClock) {
  for (int i = 0; i < 20; ++i) accept({.options = {.delay = minutes(i + 1)}});
  settle();
  now += hours(5);
  step();
  EXPECT_EQ(deliver_all(), 20u);
}

// ---- reads that fail or come late

TEST_F(StepTest, AsksForALaneAgainWithoutWaitingForAnythingElse) {
  apply(SetPaused{next_caller(), tenant_id, true});
  accept({});
  settle();  // parked in the lane of the pause
  apply(SetPaused{next_caller(), tenant_id, false});
  store.readable = false;
  settle();
  store.readable = true;
  EXPECT_LE(wake_at, now + Duration(200));
  pass(Duration(200));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(StepTest, AsksAgainAfterAFailedReadButNotAtOnce) {
  accept({.options = {.delay = seconds(10)}});
  restart();
  store.readable = false;
  step();
  while (!loads.empty()) {
    const Load load = std::move(loads.back());
    loads.pop_back();
    apply(answer_of(load));
  }
  EXPECT_GT(wake_at, now);
  EXPECT_LE(wake_at, now + seconds(1));
  store.readable = true;
  pass(seconds(10));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(StepTest, DoesNotTakeTheAnswersToItsPredecessorsQuestions) {
  step();
  const std::vector<Load> old = std::exchange(loads, {});
  restart();
  step();
  ASSERT_EQ(loads.size(), old.size());
  const DeliveryId id = accept(Item{});
  for (auto it = old.rbegin(); it != old.rend(); ++it) {
    Loaded stale = answer_of(*it);
    stale.load = old.size() + 1 - stale.load;  // the number of another question
    apply(std::move(stale));
  }
  settle();
  EXPECT_EQ(take_start().delivery.id, id);
}

TEST_F(StepTest, DropsWhatARowWasBeforeItChanged) {
  accept({.options = {.delay = seconds(1)}});
  restart();
  step();
  ASSERT_EQ(loads.size(), 2u);
  std::vector<Loaded> old;
  for (const Load& load : std::exchange(loads, {})) old.push_back(answer_of(load));
  const store::LaneQuery all{.until = TimePoint::max()};
  const DeliveryId id = store.lane(all)->rows.at(0).delivery.id;
  apply(cancel({id}));
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  for (Loaded& answer : old) apply(std::move(answer));
  pass(seconds(5));
  EXPECT_TRUE(starts.empty());
}

// ---- commits

TEST_F(StepTest, GivesNoEffectsWhenTheCommitFails) {
  pass(Duration(1));
  store.next_commit = ScriptedStore::Fault::kNothingWritten;
  std::vector<Command> inbox;
  inbox.emplace_back(publish(Item{}));
  const auto result = engine->step(now, std::move(inbox), {.attempts = 10});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(pending(), 0);
}

TEST_F(StepTest, FindsAfterAnAmbiguousCommitWhatWasWritten) {
  pass(Duration(1));
  store.next_commit = ScriptedStore::Fault::kAllWritten;
  std::vector<Command> inbox;
  inbox.emplace_back(publish(Item{}));
  EXPECT_FALSE(engine->step(now, std::move(inbox), {.attempts = 10}).has_value());
  restart();
  pass(Duration(1));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(StepTest, CommitsNothingWhenNothingChanged) {
  pass(Duration(1));
  const auto position = store.position();
  step();
  EXPECT_EQ(store.position(), position);
}

// ---- by itself

TEST_F(StepTest, LogsALongAttemptBeforeItEnds) {
  pass(Duration(1));
  const DeliveryId id = accept(Item{});
  const TimePoint started = now;
  const StartAttempt attempt = take_start();
  pass(seconds(1) - Duration(1));
  EXPECT_EQ(log_of(id), "CREATED");
  pass(Duration(1));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE");
  EXPECT_EQ(events_of(id)[1].time, started);
  apply(succeeded(attempt));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE DELIVERED");
}

TEST_F(StepTest, LogsEachLongAttemptOfADelivery) {
  pass(Duration(1));
  const DeliveryId id = accept({.options = {.retry_delay_expression = "0"}});
  const StartAttempt first = take_start();
  pass(seconds(2));
  apply(failed(first));
  const StartAttempt second = take_start();
  pass(seconds(2));
  apply(succeeded(second));
  EXPECT_EQ(log_of(id), "CREATED ACTIVE ERROR RETRY ACTIVE DELIVERED");
}

TEST_F(StepTest, SleepsUntilThereIsSomethingToDo) {
  step();
  settle();
  accept({.options = {.delay = Duration(700)}});
  EXPECT_EQ(wake_at, now + Duration(700));
  now = wake_at;
  step();
  take_start();
  EXPECT_GT(wake_at, now);
}

TEST_F(StepTest, NeverAsksToBeWokenAtOnceWithoutAReason) {
  pass(seconds(5));
  for (int i = 0; i < 5'000; ++i) {
    now += Duration(1);
    step();
    settle();
    ASSERT_GT(wake_at, now);
  }
}

TEST_F(StepTest, PrunesExpiredDeduplicationRows) {
  accept({.dedup = "k"});
  EXPECT_NE(store.dump().find("dedup"), std::string::npos);
  pass(minutes(30));
  EXPECT_EQ(store.dump().find("dedup"), std::string::npos);
}

TEST_F(StepTest, ShowsHowLateTheOldestDeliveryIs) {
  pass(Duration(1));
  free_slots = 0;
  accept(Item{});
  pass(seconds(5));
  EXPECT_GE(metrics.oldest_due_age_ms.value(), 4'000);
}

// ---- reading

TEST_F(StepTest, ReadsNothingWhileNothingIsDue) {
  accept(Item{.options = {.delay = hours(1)}});
  pass(seconds(10));
  for (const TimePoint end = now + minutes(59); now < end; now += seconds(1)) {
    step();
    ASSERT_TRUE(loads.empty() || std::holds_alternative<Load::Totals>(loads.front().what));
    settle();
  }
  EXPECT_TRUE(starts.empty());
  pass(seconds(51));
  take_start();
}

// ---- gauges

TEST_F(StepTest, CountsWhatIsPendingWhateverHappensDuringTheCount) {
  accept_many(3, {.options = {.delay = hours(1)}});
  restart();
  step();
  const std::vector<Load> counting = std::exchange(loads, {});
  accept_many(2, {.options = {.delay = hours(1)}});  // before the count reads
  std::vector<Loaded> counted;
  for (const Load& load : counting) counted.push_back(answer_of(load));
  accept_many(1, {.options = {.delay = hours(1)}});  // after it
  for (Loaded& answer : counted) apply(std::move(answer));
  step();
  EXPECT_EQ(metrics.pending.value(), 6);
}

TEST_F(StepTest, CountsDeadLettersThatArePruned) {
  options.dead_letter_retention = hours(1);
  pass(Duration(1));
  accept(Item{});
  apply(refused(take_start()));
  step();
  EXPECT_EQ(metrics.dead_letters.value(), 1);
  pass(hours(2));
  EXPECT_EQ(metrics.dead_letters.value(), 0);
  EXPECT_EQ(metrics.pending.value(), 0);
}

}  // namespace
}  // namespace ferry::engine
