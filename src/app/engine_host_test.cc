#include "app/engine_host.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <latch>

#include "store/memory_store.h"

namespace ferry::app {
namespace {

constexpr int kPublishers = 4;
constexpr int kMessagesEach = 50;
constexpr int kMessages = kPublishers * kMessagesEach;

// An engine with everything around it that has a thread: publishers, readers, an I/O loop that
// answers every attempt at once.
class HostedEngine {
 public:
  explicit HostedEngine(EngineHosting hosting) {
    EXPECT_TRUE(host_.recover());
    engine::SaveTenant first;
    first.tenant.name = "t";
    EXPECT_TRUE(host_.prepare({first}));
    loop_ = std::thread([this] { io_.run(); });
    host_.start(io_, hosting,
                {.io_threads = 1,
                 .to_io = [this](std::uint32_t,
                                 std::vector<engine::Effect> effects) { take(std::move(effects)); },
                 .fail_waiting = [](const Error& error) { ADD_FAILURE() << error.text; }});
  }
  ~HostedEngine() {
    host_.stop();
    work_.reset();
    io_.stop();
    loop_.join();
  }

  void publish_from_many_threads() {
    std::vector<std::thread> publishers;
    for (int i = 0; i < kPublishers; ++i) {
      publishers.emplace_back([this] {
        for (int n = 0; n < kMessagesEach; ++n) host_.inbox().push_always(publish());
      });
    }
    for (std::thread& publisher : publishers) publisher.join();
  }
  void wait_until_all_are_started() { started_.wait(); }
  void wait_until_all_are_answered() { answered_.wait(); }
  void drain() { host_.drain(); }
  void wait_until_nothing_runs() const {
    while (host_.in_flight() > 0) std::this_thread::yield();
  }

 private:
  static engine::Publish publish() {
    engine::Publish made{.reply = {.io_thread = 0, .slot = 1},
                         .tenant = TenantId{1},
                         .items = {},
                         .caller_ip = {},
                         .trace_context = {}};
    made.items.emplace_back().target.url = "https://a.test/";
    return made;
  }
  void take(std::vector<engine::Effect> effects) {
    for (engine::Effect& effect : effects) {
      if (std::holds_alternative<engine::Reply>(effect)) answered_.count_down();
      auto* start = std::get_if<engine::StartAttempt>(&effect);
      if (start == nullptr) continue;
      engine::RecordOutcome record{.delivery = start->delivery.id, .outcome = {}, .hooks = {}};
      record.outcome.kind = OutcomeKind::kDelivered;
      host_.inbox().push_always(std::move(record));
      started_.count_down();
    }
  }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Clock clock_;
  Metrics metrics_;
  asio::io_context io_;
  asio::executor_work_guard<Executor> work_{io_.get_executor()};
  http::BlockingPool readers_{2};
  EngineHost host_{*store_, {.in_flight_max = 10}, {}, readers_, clock_, metrics_};
  std::latch answered_{kMessages};
  std::latch started_{kMessages};
  std::thread loop_;
};

class EngineHostTest : public testing::TestWithParam<EngineHosting> {};

TEST_P(EngineHostTest, AnswersAndDeliversWhatManyThreadsPublish) {
  HostedEngine engine(GetParam());
  engine.publish_from_many_threads();
  engine.wait_until_all_are_answered();
  engine.wait_until_all_are_started();
  engine.wait_until_nothing_runs();
}

TEST_P(EngineHostTest, MayBeStoppedWhileMuchIsUnderWay) {
  HostedEngine engine(GetParam());
  engine.publish_from_many_threads();
}

TEST_P(EngineHostTest, DrainedItGoesOnAnsweringAndEndsItsAttempts) {
  HostedEngine engine(GetParam());
  engine.drain();
  engine.publish_from_many_threads();
  engine.wait_until_all_are_answered();
  engine.wait_until_nothing_runs();
}

INSTANTIATE_TEST_SUITE_P(Hostings, EngineHostTest,
                         testing::Values(EngineHosting::kInline, EngineHosting::kThread,
                                         EngineHosting::kAuto));

}  // namespace
}  // namespace ferry::app
