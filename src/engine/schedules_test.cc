#include <gtest/gtest.h>

#include <algorithm>

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
// Bodies that are rows of their own.
class LargeScheduleTest : public ScheduleTest {
 protected:
  static std::string text(std::size_t bytes = 5'000) { return std::string(bytes, 'x'); }
  Schedule large(std::string id = "s", std::size_t bytes = 5'000) const {
    Schedule made = hourly();
    made.id = std::move(id);
    made.body = Bytes::take(text(bytes));
    return made;
  }
  ScheduleBodyPtr row(const std::string& id = "s") { return *store.schedule_body(tenant_id, id); }
};

TEST_F(LargeScheduleTest, IsNotInMemoryAndReadByEachTick) {
  save_schedule(large());
  EXPECT_TRUE(saved().body.empty());
  EXPECT_EQ(saved().body_bytes, 5'000);
  for (int tick = 0; tick < 2; ++tick) {
    pass(minutes(60));
    const StartAttempt start = take_start();
    EXPECT_EQ(start.message->body.view(), text());
    EXPECT_TRUE(saved().body.empty());
    apply(succeeded(start));
  }
  restart();
  pass(minutes(60));
  EXPECT_EQ(take_start().message->body.view(), text());
}

TEST_F(LargeScheduleTest, LeavesItsRowWhenItIsReplacedByASmallOneOrDropped) {
  save_schedule(large());
  EXPECT_NE(row(), nullptr);
  save_schedule(hourly());
  EXPECT_EQ(row(), nullptr);
  EXPECT_EQ(saved().body_bytes, 0);
  save_schedule(large());
  pause_schedule(true);
  pause_schedule(false);
  EXPECT_NE(row(), nullptr);
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kSchedule, "s", true});
  take_answer<Done>();
  EXPECT_EQ(row(), nullptr);
}

TEST_F(LargeScheduleTest, ABodyThatAnOlderVersionLeftInItsScheduleMoves) {
  save_schedule(hourly());
  Schedule old = saved();
  old.body = Bytes::take(text());
  store::WriteSet set;
  set.add(store::PutResource{std::make_shared<const Schedule>(old)});
  ASSERT_TRUE(store.commit(std::span(&set, 1)));
  restart();
  pass(minutes(60));
  EXPECT_EQ(take_start().message->body.view(), text());
  EXPECT_TRUE(saved().body.empty());
  EXPECT_EQ(row()->body.view(), text());
  pass(minutes(60));
  EXPECT_EQ(take_start().message->body.view(), text());
}

TEST_F(LargeScheduleTest, ATickWhoseBodyCannotBeReadSaysSo) {
  save_schedule(large());
  store.readable = false;
  pass(minutes(60));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(saved().error, "the body could not be read");
  store.readable = true;
  pass(minutes(60));
  EXPECT_EQ(starts.size(), 1u);
  EXPECT_EQ(saved().error, "");
}

TEST_F(LargeScheduleTest, OneReplacedWhileItsBodyIsReadDoesNotTick) {
  save_schedule(large());
  now += minutes(60);
  step();  // asks for the body
  save_schedule(large("s", 6'000));
  settle();
  EXPECT_TRUE(starts.empty());
  pass(minutes(60));
  EXPECT_EQ(take_start().message->body.size(), 6'000u);
}

TEST_F(LargeScheduleTest, FewBodiesAreReadAtOnce) {
  for (int i = 0; i < 5; ++i) save_schedule(large("s" + std::to_string(i), 10 << 20));
  now += minutes(60);
  step();
  EXPECT_EQ(std::ranges::count_if(loads,
                                  [](const Load& load) {
                                    return std::holds_alternative<Load::ScheduleBody>(load.what);
                                  }),
            1);
  pass(seconds(30));
  EXPECT_EQ(starts.size(), 5u);
}

TEST_F(LargeScheduleTest, ItsDeduplicationIdIsClaimedAfterItsBodyIsRead) {
  accept({.dedup = "d"});
  settle();
  take_start();
  Schedule once = large();
  once.cron = "* * * * *";
  once.options.deduplication_id = "d";
  save_schedule(once);
  pass(minutes(1));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(saved().error, "");
  pass(minutes(10));
  EXPECT_EQ(take_start().message->body.view(), text());
}

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
