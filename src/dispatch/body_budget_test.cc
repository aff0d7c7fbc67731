#include "dispatch/body_budget.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>
#include <vector>

namespace ferry::dispatch {
namespace {

// What became of one that asked.
struct Asked {
  std::shared_ptr<BodyBudget::Wait> wait;
  std::optional<BodyBudget::Lease> answer;

  bool granted() const { return answer && *answer != nullptr; }
};

Awaitable<void> ask(BodyBudget& budget, std::shared_ptr<Asked> asked,
                    std::optional<Duration> wait_max = {}) {
  asked->answer = co_await budget.take(asked->wait, wait_max);
}

struct BodyBudgetTest : testing::Test {
  std::shared_ptr<Asked> take(std::int64_t tenant, std::size_t bytes) {
    auto asked = std::make_shared<Asked>();
    asked->wait = BodyBudget::make_wait(TenantId{tenant}, bytes);
    asio::co_spawn(io.get_executor(), ask(budget, asked), asio::detached);
    run();
    return asked;
  }
  void give_back(const std::shared_ptr<Asked>& asked) {
    asked->answer.reset();
    run();
  }
  void run() {
    io.restart();
    io.poll();
  }
  ~BodyBudgetTest() override {
    budget.stop();
    run();
  }

  asio::io_context io;
  BodyBudget budget{io, 1000};
};

TEST_F(BodyBudgetTest, GrantsWhatFitsAndCountsItUntilItIsGivenBack) {
  const auto one = take(1, 200);
  EXPECT_TRUE(one->granted());
  EXPECT_EQ(budget.bytes_taken(), 200u);
  give_back(one);
  EXPECT_EQ(budget.bytes_taken(), 0u);
}

TEST_F(BodyBudgetTest, ATenantHasAQuarterAndOthersPassIt) {
  const auto first = take(1, 200);
  const auto second = take(1, 100);
  EXPECT_FALSE(second->answer);
  const auto other = take(2, 250);
  EXPECT_TRUE(other->granted());
  give_back(first);
  EXPECT_TRUE(second->granted());
}

TEST_F(BodyBudgetTest, ATenantWithoutAnyMayTakeMoreThanAQuarter) {
  const auto large = take(1, 900);
  EXPECT_TRUE(large->granted());
  EXPECT_FALSE(take(1, 1)->answer);
  EXPECT_TRUE(take(2, 100)->granted());
}

TEST_F(BodyBudgetTest, MoreThanTheBudgetCountsAsAllOfIt) {
  const auto small = take(1, 10);
  const auto huge = take(2, 5'000);
  EXPECT_FALSE(huge->answer);
  give_back(small);
  EXPECT_TRUE(huge->granted());
  EXPECT_EQ(budget.bytes_taken(), 1000u);
}

TEST_F(BodyBudgetTest, SmallOnesDoNotKeepALargeOneWaiting) {
  const auto small = take(1, 200);
  const auto large = take(2, 900);
  const auto later = take(3, 10);
  EXPECT_FALSE(large->answer);
  EXPECT_FALSE(later->answer);
  give_back(small);
  EXPECT_TRUE(large->granted());
  EXPECT_TRUE(later->granted());
}

TEST_F(BodyBudgetTest, AWaitCanBeCancelled) {
  const auto one = take(1, 1000);
  const auto waiting = take(2, 500);
  const auto behind = take(3, 10);
  budget.cancel(waiting->wait);
  run();
  ASSERT_TRUE(waiting->answer);
  EXPECT_FALSE(waiting->granted());
  EXPECT_FALSE(behind->answer);
  give_back(one);
  EXPECT_TRUE(behind->granted());
  budget.cancel(behind->wait);  // too late: it has its bytes
  EXPECT_EQ(budget.bytes_taken(), 10u);
}

TEST_F(BodyBudgetTest, AWaitMayHaveItsEnd) {
  const auto one = take(1, 1000);
  auto asked = std::make_shared<Asked>();
  asked->wait = BodyBudget::make_wait(TenantId{2}, 1);
  asio::co_spawn(io.get_executor(), ask(budget, asked, Duration{1}), asio::detached);
  io.restart();
  while (!asked->answer) io.run_one();
  EXPECT_FALSE(asked->granted());
}

TEST_F(BodyBudgetTest, StoppingEndsEveryWait) {
  const auto one = take(1, 1000);
  const auto waiting = take(2, 1);
  budget.stop();
  run();
  ASSERT_TRUE(waiting->answer);
  EXPECT_FALSE(waiting->granted());
  const auto later = take(3, 1);
  ASSERT_TRUE(later->answer);
  EXPECT_FALSE(later->granted());
}

TEST_F(BodyBudgetTest, ALeaseMayEndOnAnotherThread) {
  const auto one = take(1, 1000);
  const auto waiting = take(2, 1);
  std::thread([lease = std::move(*one->answer)]() mutable { lease.reset(); }).join();
  run();
  EXPECT_TRUE(waiting->granted());
}

}  // namespace
}  // namespace ferry::dispatch
