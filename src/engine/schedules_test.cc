#include <gtest/gtest.h>

#include "domain/schedule.h"
#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class ScheduleTest : public EngineTest {
 protected:
  Schedule hourly() const {
    Schedule made;
    made.tenant = tenant_id;
    made.id = "s";
    made.cron = "0 * * * *";
    made.destination = "https://a.test/";
    made.body = Bytes::copy("tick");
    made.caller_ip = "192.0.2.7";
    return made;
  }
  void save_schedule(Schedule schedule) {
    apply(SaveSchedule{next_caller(), std::move(schedule)});
    take_answer<Done>();
  }
  void pause_schedule(bool paused) {
    apply(PauseSchedule{next_caller(), tenant_id, "s", paused});
    take_answer<Done>();
  }
  Schedule saved() {
    apply(ReadResources{next_caller(), tenant_id, ResourceKind::kSchedule, "s"});
    return *std::get<SchedulePtr>(take_answer<ResourceList>().resources.at(0).resource);
  }
};

TEST_F(ScheduleTest, MakesAMessageAtEachTick) {
  save_schedule(hourly());
  EXPECT_EQ(saved().next_tick, now + minutes(60));  // the tests begin at noon
  pass(minutes(59));
  EXPECT_TRUE(starts.empty());
  pass(minutes(1));
  const StartAttempt tick = take_start();
  EXPECT_EQ(tick.message->body.view(), "tick");
  EXPECT_EQ(tick.message->caller_ip, "192.0.2.7");
  EXPECT_EQ(tick.delivery.to->schedule_id, "s");
  EXPECT_EQ(saved().last_deliveries, std::vector{tick.delivery.id});
  EXPECT_EQ(saved().last_tick, now);
  pass(minutes(60));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(ScheduleTest, WakesTheEngineInTime) {
  save_schedule(hourly());
  pass(minutes(1));
  EXPECT_LE(wake_at, from_unix_ms(1'795'262'400'000) + minutes(60));
}

TEST_F(ScheduleTest, SkipsWhatItSleptThrough) {
  save_schedule(hourly());
  now += minutes(150);
  restart();
  pass(seconds(1));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(saved().next_tick, from_unix_ms(1'795'262'400'000) + minutes(180));
}

TEST_F(ScheduleTest, MakesUpForATickMissedByLessThanAMinute) {
  save_schedule(hourly());
  now += minutes(60) + seconds(59);
  restart();
  pass(seconds(1));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(ScheduleTest, APausedOneSkipsItsTicks) {
  save_schedule(hourly());
  pause_schedule(true);
  restart();
  pass(minutes(90));
  EXPECT_TRUE(starts.empty());
  pause_schedule(false);
  pass(minutes(29));
  EXPECT_TRUE(starts.empty());
  pass(minutes(1));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(ScheduleTest, ReplacingKeepsItsAgeAndItsPause) {
  save_schedule(hourly());
  const TimePoint created = saved().created_at;
  pause_schedule(true);
  pass(minutes(1));
  Schedule other = hourly();
  other.cron = "30 * * * *";
  other.body = {};
  save_schedule(other);
  EXPECT_EQ(saved().created_at, created);
  EXPECT_TRUE(saved().paused);
  EXPECT_TRUE(saved().body.empty());
  EXPECT_EQ(saved().next_tick, from_unix_ms(1'795'262'400'000) + minutes(30));
}

TEST_F(ScheduleTest, SaysWhyATickMadeNothing) {
  Schedule lost = hourly();
  lost.destination = "no-such-group";
  save_schedule(lost);
  pass(minutes(60));
  EXPECT_TRUE(starts.empty());
  EXPECT_FALSE(saved().error.empty());
  EXPECT_TRUE(saved().last_deliveries.empty());
}

TEST_F(ScheduleTest, ADroppedOneTicksNoMore) {
  save_schedule(hourly());
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kSchedule, "s", true});
  take_answer<Done>();
  pass(minutes(120));
  EXPECT_TRUE(starts.empty());
}

TEST_F(ScheduleTest, AnExpressionThatNeverMatchesIsKept) {
  Schedule never = hourly();
  never.cron = "0 0 31 2 *";
  save_schedule(never);
  EXPECT_FALSE(saved().next_tick);
}

TEST_F(ScheduleTest, ADelayIsThatOfEachMessage) {
  Schedule delayed = hourly();
  delayed.options.delay = seconds(30);
  save_schedule(delayed);
  pass(minutes(60));
  EXPECT_TRUE(starts.empty());
  pass(seconds(30));
  EXPECT_EQ(starts.size(), 1u);
}

TEST_F(ScheduleTest, GoesIntoItsQueue) {
  Schedule queued = hourly();
  queued.cron = "* * * * *";
  queued.options.queue_name = "q";
  save_schedule(queued);
  pass(minutes(3));
  EXPECT_EQ(starts.size(), 1u);
  EXPECT_EQ(pending(), 3);
}

// Each minute, with an id that the window of ten minutes remembers.
class DeduplicatedScheduleTest : public ScheduleTest {
 protected:
  void save_minutely() {
    Schedule once = hourly();
    once.cron = "* * * * *";
    once.options.deduplication_id = "d";
    save_schedule(once);
  }
};

TEST_F(DeduplicatedScheduleTest, MakesOneMessageInEachWindow) {
  save_minutely();
  pass(minutes(10));
  EXPECT_EQ(take_starts().size(), 1u);
  EXPECT_EQ(saved().next_tick, now + minutes(1));
  EXPECT_TRUE(saved().last_deliveries.empty());
  EXPECT_TRUE(saved().error.empty());
  pass(minutes(2));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(DeduplicatedScheduleTest, SharesItsIdWithPublishes) {
  accept({.dedup = "d"});
  settle();
  take_start();
  save_minutely();
  pass(minutes(1));
  EXPECT_TRUE(starts.empty());
  pass(minutes(10));
  take_start();
  apply(publish({.dedup = "d"}));
  settle();
  EXPECT_TRUE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

TEST_F(DeduplicatedScheduleTest, TwoThatTickTogetherMakeOneMessage) {
  save_minutely();
  Schedule other = saved();
  other.id = "t";
  save_schedule(other);
  pass(minutes(1));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(DeduplicatedScheduleTest, ATickWhoseRowCannotBeReadSaysSo) {
  save_minutely();
  pass(minutes(1));
  take_start();
  store.readable = false;
  pass(minutes(1));
  store.readable = true;
  EXPECT_FALSE(saved().error.empty());
  pass(minutes(1));
  EXPECT_TRUE(saved().error.empty());
}

TEST_F(DeduplicatedScheduleTest, ATickThatWaitsForItsRowIsTakenUpAgainAfterACrash) {
  accept({.dedup = "d"});
  settle();
  take_start();
  save_minutely();
  now += minutes(1);
  step();  // asks for the row
  restart();
  pass(seconds(1));
  EXPECT_EQ(saved().next_tick, now + minutes(1) - seconds(1));
}

TEST_F(DeduplicatedScheduleTest, OneDroppedWhileItsRowIsReadMakesNothing) {
  save_minutely();
  pass(minutes(1));
  take_start();
  now += minutes(10);
  step();
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kSchedule, "s", true});
  settle();
  EXPECT_TRUE(starts.empty());
}

}  // namespace
}  // namespace ferry::engine
