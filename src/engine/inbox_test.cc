#include "engine/inbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace ferry::engine {
namespace {

Command publish_of(std::size_t bytes) {
  Publish publish;
  publish.items.push_back({.body = Bytes::take(std::string(bytes, 'x'))});
  return publish;
}

class InboxTest : public ::testing::Test {
 protected:
  Inbox make(Inbox::Options options) {
    return {options, metrics_, [this] { ++wakes_; }};
  }
  Metrics metrics_;
  std::atomic<int> wakes_ = 0;
};

TEST_F(InboxTest, GivesCommandsInTheirOrder) {
  Inbox inbox = make({});
  Command first = Cancel{.reply = {.slot = 1}};
  Command second = Cancel{.reply = {.slot = 2}};
  ASSERT_TRUE(inbox.push(first).has_value());
  ASSERT_TRUE(inbox.push(second).has_value());
  EXPECT_FALSE(inbox.empty());
  const auto taken = inbox.take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(std::get<Cancel>(taken[0]).reply.slot, 1u);
  EXPECT_TRUE(inbox.empty());
  EXPECT_TRUE(inbox.take().empty());
}

TEST_F(InboxTest, WakesOnlyWhenItWasEmpty) {
  Inbox inbox = make({});
  inbox.push_always(Cancel{});
  inbox.push_always(Cancel{});
  EXPECT_EQ(wakes_, 1);
  inbox.take();
  inbox.push_always(std::vector<Command>{});
  EXPECT_EQ(wakes_, 1);
  std::vector<Command> several;
  several.emplace_back(Cancel{});
  several.emplace_back(Cancel{});
  inbox.push_always(std::move(several));
  EXPECT_EQ(wakes_, 2);
}

TEST_F(InboxTest, RefusesTheCommandBeyondItsCountAndLeavesItAsItWas) {
  Inbox inbox = make({.commands_max = 1});
  Command first = publish_of(1);
  Command second = publish_of(5);
  ASSERT_TRUE(inbox.push(first).has_value());
  const auto refused = inbox.push(second);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(std::get<Publish>(second).items.at(0).body.size(), 5u);
  inbox.take();
  EXPECT_TRUE(inbox.push(second).has_value());
}

TEST_F(InboxTest, RefusesTheCommandBeyondItsBytes) {
  Inbox inbox = make({.bytes_max = 4'000});
  Command first = publish_of(1'000);
  Command second = publish_of(1'000);
  ASSERT_TRUE(inbox.push(first).has_value());
  EXPECT_FALSE(inbox.push(second).has_value());
  Command small = Cancel{};
  EXPECT_TRUE(inbox.push(small).has_value());
}

TEST_F(InboxTest, TakesACommandLargerThanItsBudgetWhenItIsEmpty) {
  Inbox inbox = make({.bytes_max = 100});
  Command large = publish_of(1'000);
  EXPECT_TRUE(inbox.push(large).has_value());
}

TEST_F(InboxTest, NeverRefusesWhatIsAlreadyPromised) {
  Inbox inbox = make({.commands_max = 1, .bytes_max = 1});
  for (int i = 0; i < 5; ++i) inbox.push_always(RecordOutcome{});
  EXPECT_EQ(inbox.take().size(), 5u);
  EXPECT_EQ(metrics_.inbox_commands.value(), 5);
}

TEST_F(InboxTest, LosesNothingOfManyThreads) {
  Inbox inbox = make({});
  std::vector<std::thread> producers;
  for (int t = 0; t < 4; ++t) {
    producers.emplace_back([&inbox] {
      for (int i = 0; i < 500; ++i) inbox.push_always(Cancel{});
    });
  }
  std::size_t taken = 0;
  for (std::thread& producer : producers) producer.join();
  while (!inbox.empty()) taken += inbox.take().size();
  EXPECT_EQ(taken, 2'000u);
}

TEST(MemoryOf, CountsBodies) {
  EXPECT_GE(memory_of(publish_of(1'000)), 1'000u);
  RecordOutcome record;
  record.hooks.push_back({.kind = HookKind::kCallback, .body = std::string(300, 'x')});
  record.outcome.response =
      std::make_shared<const Response>(Response{.body = Bytes::copy("12345")});
  EXPECT_GE(memory_of(record), 305u);
  EXPECT_LT(memory_of(Cancel{}), 1'000u);
}

}  // namespace
}  // namespace ferry::engine
