#include "dispatch/senders/broker_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "dispatch/senders/push_result.h"
#include "dispatch/senders/sender_fixture.h"

namespace ferry::dispatch {
namespace {

constexpr Duration kLong = std::chrono::minutes(1);
constexpr Duration kShort{20};

// A library's call that does not return before it is let go.
class Hang {
 public:
  // A push that never ends by itself.
  BrokerThread::Call silent() {
    return [this](const PushEnd&) { released_.get_future().wait(); };
  }
  // A push that has ended: once it has, its call is known to run.
  BrokerThread::Call after_the_end() {
    return [this](const PushEnd& end) {
      end(push_delivered(200));
      released_.get_future().wait();
    };
  }
  void release() { released_.set_value(); }

 private:
  std::promise<void> released_;
};

BrokerThread::Call answer(std::string text) {
  return [text = std::move(text)](const PushEnd& end) { end(push_delivered(200, text)); };
}

TEST(BrokerThread, CarriesPushesOutInTheOrderInWhichTheyCame) {
  SenderBed bed;
  BrokerThread thread;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    bed.start(thread, {.timeout = kLong}, [&order, i](const PushEnd& end) {
      order.push_back(i);
      end(push_delivered(200, std::to_string(i)));
    });
  }
  const auto results = bed.run();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(results[static_cast<std::size_t>(i)].answer, std::to_string(i));
  }
}

TEST(BrokerThread, RunsCallsElsewhere) {
  SenderBed bed;
  BrokerThread thread;
  std::thread::id place;
  bed.start(thread, {.timeout = kLong}, [&place](const PushEnd& end) {
    place = std::this_thread::get_id();
    end(push_delivered(200));
  });
  bed.run();
  EXPECT_NE(place, std::this_thread::get_id());
}

TEST(BrokerThread, APushEndsByItsDeadlineWhenTheLibraryHangs) {
  SenderBed bed;
  Hang hang;
  BrokerThread thread;
  bed.start(thread, {.timeout = kShort}, hang.silent());
  const PushResult result = bed.run().front();
  hang.release();
  EXPECT_EQ(result, push_failed(0, "the push did not end in time"));
}

TEST(BrokerThread, APushThatIsOverBeforeItsTurnIsLeftOut) {
  SenderBed bed;
  Hang hang;
  bool reached = false;
  BrokerThread thread;
  bed.start(thread, {.timeout = kLong}, hang.after_the_end());
  bed.run();
  bed.start(thread, {.timeout = kShort}, [&reached](const PushEnd&) { reached = true; });
  bed.run();
  hang.release();
  bed.start(thread, {.timeout = kLong}, answer("next"));
  EXPECT_EQ(bed.run().front().answer, "next");
  EXPECT_FALSE(reached);
}

TEST(BrokerThread, RefusesWhatGoesBeyondTheRow) {
  SenderBed bed;
  Hang hang;
  BrokerThread thread({}, 4);
  bed.start(thread, {.timeout = kLong}, hang.after_the_end());
  bed.run();
  for (int i = 0; i < 3; ++i) bed.start(thread, {.timeout = kShort}, answer("in vain"));
  const auto results = bed.run();
  hang.release();
  EXPECT_EQ(results[0].status, 0);
  EXPECT_EQ(results[1].status, 0);
  EXPECT_EQ(results[2],
            push_not_sent(ErrorCode::kShareExhausted, "too many pushes wait for this connection"));
}

TEST(BrokerThread, OneShareKeyDelaysAnotherByOnePushAtMost) {
  SenderBed bed;
  Hang hang;
  BrokerThread thread({}, 8);
  bed.start(thread, {.timeout = kLong}, hang.after_the_end());
  bed.run();
  std::string order;
  const auto note = [&order](char name) -> BrokerThread::Call {
    return [&order, name](const PushEnd& end) {
      order += name;
      end(push_delivered(200));
    };
  };
  for (const char name : {'a', 'b', 'c', 'd'})
    bed.start(thread, {.timeout = kLong, .share_key = 1}, note(name));
  bed.start(thread, {.timeout = kLong, .share_key = 1}, note('!'));  // beyond the key's part
  bed.start(thread, {.timeout = kLong, .share_key = 2}, note('x'));
  bed.run_ready();
  hang.release();
  const auto results = bed.run();
  EXPECT_EQ(order, "axbcd");
  EXPECT_EQ(results[4].lack, ErrorCode::kShareExhausted);
}

TEST(BrokerThread, ACutPushEndsAtOnceAndIsLeftOut) {
  SenderBed bed;
  Hang hang;
  BrokerThread thread;
  bed.start(thread, {.timeout = kLong}, hang.after_the_end());
  bed.run();
  http::Cut cut;
  bool reached = false;
  bed.start(thread, {.timeout = kLong, .cut = &cut}, [&reached](const PushEnd& end) {
    reached = true;
    end(push_delivered(200));
  });
  bed.run_ready();
  cut.cut();
  EXPECT_EQ(bed.run().front().kind, OutcomeKind::kFailed);
  bed.start(thread, {.timeout = kLong}, answer("the next"));
  bed.run_ready();
  hang.release();
  EXPECT_EQ(bed.run().front().answer, "the next");
  EXPECT_FALSE(reached);
}

TEST(BrokerThread, ItsEndFailsThePushesThatWait) {
  SenderBed bed;
  Hang hang;
  auto thread = std::make_unique<BrokerThread>();
  bed.start(*thread, {.timeout = kLong}, hang.after_the_end());
  bed.run();
  bed.start(*thread, {.timeout = kLong}, answer("never"));
  bed.run_ready();
  std::thread closer([&thread] { thread.reset(); });
  EXPECT_EQ(bed.run().front(), push_failed(503, "the sender was stopped"));
  hang.release();
  closer.join();
}

TEST(BrokerThread, TheFirstEndCounts) {
  SenderBed bed;
  BrokerThread thread;
  bed.start(thread, {.timeout = kLong}, [](const PushEnd& end) {
    EXPECT_FALSE(end.over());
    end(push_delivered(200, "first"));
    EXPECT_TRUE(end.over());
    end(push_failed(503, "second"));
  });
  EXPECT_EQ(bed.run().front().answer, "first");
}

TEST(BrokerThread, WhatIsLeftEndsBeforeTheDeadline) {
  SenderBed bed;
  BrokerThread thread;
  Duration left{0};
  bed.start(thread, {.timeout = kLong}, [&left](const PushEnd& end) {
    left = end.left();
    end(push_delivered(200));
  });
  bed.run();
  EXPECT_GT(left, Duration{0});
  EXPECT_LE(left, kLong * 9 / 10);
}

TEST(BrokerThread, NothingIsLeftAfterTheDeadline) {
  SenderBed bed;
  std::optional<PushEnd> kept;
  BrokerThread thread;
  bed.start(thread, {.timeout = kShort}, [&kept](const PushEnd& end) { kept = end; });
  bed.run();
  EXPECT_TRUE(kept->over());
  EXPECT_EQ(kept->left(), Duration{0});
}

TEST(BrokerThread, PollsUntilNothingIsUnderWay) {
  SenderBed bed;
  std::vector<PushEnd> under_way;
  int polls = 0;
  BrokerThread thread([&] {
    if (++polls < 3) return true;
    for (const PushEnd& end : under_way) end(push_delivered(200, "polled"));
    under_way.clear();
    return false;
  });
  bed.start(thread, {.timeout = kLong}, [&](const PushEnd& end) { under_way.push_back(end); });
  EXPECT_EQ(bed.run().front().answer, "polled");
}

}  // namespace
}  // namespace ferry::dispatch
