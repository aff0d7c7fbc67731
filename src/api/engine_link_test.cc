#include "api/engine_link.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <utility>
#include <vector>

namespace ferry::api {
namespace {

// A link of I/O thread 5 to an inbox that takes two commands at a time.
struct Line {
  explicit Line(Duration accept_wait) : link(io, 5, inbox, accept_wait, metrics) {}
  ~Line() {
    link.fail_all({ErrorCode::kStopping, "the test ends"});
    poll();
  }

  // Starts a call; its answer arrives in `answers` under `name`.
  void call(int name) {
    engine::Cancel command;
    command.deliveries = {DeliveryId{name}};
    asio::co_spawn(io, link.call(std::move(command)),
                   [this, name](std::exception_ptr, engine::Answer answer) {
                     answers.emplace_back(name, std::move(answer));
                   });
    poll();
  }

  void poll() {
    io.restart();
    io.poll();
  }

  // What the engine finds, by name.
  std::vector<std::pair<int, engine::ReplyTo>> take() {
    std::vector<std::pair<int, engine::ReplyTo>> taken;
    for (const engine::Command& command : inbox.take()) {
      const auto& cancel = std::get<engine::Cancel>(command);
      taken.emplace_back(static_cast<int>(cancel.deliveries[0].value), cancel.reply);
    }
    return taken;
  }

  asio::io_context io;
  Metrics metrics;
  engine::Inbox inbox{{.commands_max = 2, .bytes_max = 1 << 20}, metrics, [] {}};
  EngineLink link;
  std::vector<std::pair<int, engine::Answer>> answers;
};

ErrorCode code_of(const engine::Answer& answer) { return std::get<Error>(answer).code; }

TEST(EngineLink, CarriesEachReplyToItsOwnCall) {
  Line line(Duration(0));
  line.call(1);
  line.call(2);
  const auto taken = line.take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].second.io_thread, 5u);
  EXPECT_NE(taken[0].second.slot, 0u);
  EXPECT_NE(taken[0].second.slot, taken[1].second.slot);

  line.link.complete({taken[1].second, engine::Cancelled{2}});
  line.link.complete({taken[0].second, engine::Cancelled{1}});
  line.poll();
  ASSERT_EQ(line.answers.size(), 2u);
  for (const auto& [name, answer] : line.answers) {
    EXPECT_EQ(std::get<engine::Cancelled>(answer).count, name);
  }
}

TEST(EngineLink, RefusesAtOnceWhenNobodyMayWait) {
  Line line(Duration(0));
  for (int name : {1, 2, 3}) line.call(name);
  ASSERT_EQ(line.answers.size(), 1u);
  EXPECT_EQ(line.answers[0].first, 3);
  EXPECT_EQ(code_of(line.answers[0].second), ErrorCode::kOverloaded);
  EXPECT_EQ(line.metrics.overloaded_total.value(), 1u);
}

TEST(EngineLink, CallsWaitInLineUntilTheInboxDrains) {
  Line line(std::chrono::hours(1));
  for (int name : {1, 2, 3, 4, 5}) line.call(name);
  std::vector<int> order;
  const auto drain = [&] {
    for (const auto& [name, reply] : line.take()) order.push_back(name);
  };
  drain();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  line.call(6);  // there is room, but others came first
  drain();
  line.io.restart();
  while (order.size() < 6) {
    line.io.run_one();
    drain();
  }
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(line.answers.empty());
}

TEST(EngineLink, WhoWaitedInLineForAcceptWaitIsRefused) {
  Line line(Duration(10));
  for (int name : {1, 2, 3, 4}) line.call(name);
  line.io.restart();
  while (line.answers.size() < 2) line.io.run_one();
  EXPECT_EQ(line.answers[0].first, 3);
  EXPECT_EQ(line.answers[1].first, 4);
  EXPECT_EQ(code_of(line.answers[1].second), ErrorCode::kOverloaded);
  EXPECT_EQ(line.take().size(), 2u);
}

TEST(EngineLink, FailAllAnswersEveryWaiterAndEmptiesTheLine) {
  Line line(std::chrono::hours(1));
  for (int name : {1, 2, 3}) line.call(name);
  line.link.fail_all({ErrorCode::kStopping, "stopping"});
  line.poll();
  ASSERT_EQ(line.answers.size(), 3u);
  for (const auto& [name, answer] : line.answers) EXPECT_EQ(code_of(answer), ErrorCode::kStopping);
  EXPECT_EQ(line.take().size(), 2u);
  line.io.restart();
  line.io.run();  // the poll of the line finds nobody
  EXPECT_TRUE(line.take().empty());
}

TEST(EngineLink, AReplyWithoutAWaiterIsDropped) {
  Line line(Duration(0));
  line.link.complete({{5, 99}, engine::Done{}});
  line.call(1);
  const auto taken = line.take();
  line.link.complete({taken[0].second, engine::Done{}});
  line.link.complete({taken[0].second, engine::Done{}});
  line.poll();
  EXPECT_EQ(line.answers.size(), 1u);
}

}  // namespace
}  // namespace ferry::api
