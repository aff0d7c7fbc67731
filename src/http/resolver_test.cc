#include "http/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <latch>
#include <optional>
#include <utility>
#include <vector>

namespace ferry::http {
namespace {

using Addresses = Resolver::Addresses;

struct ResolverTest : testing::Test {
  struct Wait {
    OneShot woken;
    std::optional<Result<Addresses>> answer;
  };

  void make(NameLookup::Blocking lookup, Resolver::Options options = {}) {
    resolver =
        std::make_unique<Resolver>(io, make_system_lookup(io, 4, std::move(lookup)), options);
  }

  // A resolver whose lookups end when the test says so.
  void make_scripted(Resolver::Options options) {
    const auto start = [this](const std::string& host, NameLookup::Answered answered) {
      asked.emplace_back(host, std::move(answered));
    };
    resolver =
        std::make_unique<Resolver>(io, NameLookup{.start = start, .running_max = 1000}, options);
  }

  // Answers the lookup of `host`, which must run.
  void answer(const std::string& host, Result<Addresses> addresses = Addresses{"192.0.2.1"}) {
    const auto found =
        std::ranges::find(asked, host, [](const auto& entry) { return entry.first; });
    ASSERT_NE(found, asked.end()) << host;
    const auto answered = std::move(found->second);
    asked.erase(found);
    answered(std::move(addresses));
    io.restart();
    io.poll();
  }

  // The names whose lookups run.
  std::string running() {
    io.restart();
    io.poll();
    std::string names;
    for (const auto& [host, answered] : asked) names += (names.empty() ? "" : " ") + host;
    return names;
  }

  std::shared_ptr<Wait> start(const std::string& host, std::uint64_t key = 0) {
    auto wait = std::make_shared<Wait>();
    asio::co_spawn(io.get_executor(), resolver->resolve(host, key, wait->woken),
                   [wait](std::exception_ptr thrown, Result<Addresses> answer) {
                     EXPECT_FALSE(thrown);
                     wait->answer = std::move(answer);
                   });
    return wait;
  }

  Result<Addresses> finish(const std::shared_ptr<Wait>& wait) {
    io.restart();
    while (!wait->answer && io.run_one() != 0) {
    }
    return wait->answer.value_or(fail(ErrorCode::kInternal, "no answer"));
  }

  Result<Addresses> resolve(const std::string& host) { return finish(start(host)); }

  asio::io_context io;
  std::atomic<int> lookups = 0;
  std::vector<std::pair<std::string, NameLookup::Answered>> asked;
  std::unique_ptr<Resolver> resolver;
};

TEST_F(ResolverTest, AnAddressIsItsOwnAnswer) {
  make([this](const std::string&) -> Result<Addresses> {
    ++lookups;
    return Addresses{"192.0.2.1"};
  });
  EXPECT_EQ(*resolve("127.0.0.1"), Addresses{"127.0.0.1"});
  EXPECT_EQ(*resolve("2001:db8::1"), Addresses{"2001:db8::1"});
  EXPECT_EQ(lookups, 0);
  EXPECT_EQ(*resolve("127.1"), Addresses{"192.0.2.1"});
}

TEST_F(ResolverTest, FamiliesAlternateBeginningWithTheFirst) {
  make([](const std::string&) -> Result<Addresses> {
    return Addresses{"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"};
  });
  EXPECT_EQ(*resolve("a"), (Addresses{"2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"}));
}

TEST_F(ResolverTest, AnAnswerIsKeptForAWhile) {
  const auto count = [this](const std::string& host) -> Result<Addresses> {
    ++lookups;
    return Addresses{"192.0.2." + std::to_string(host.size())};
  };
  make(count, {.cache_for = std::chrono::hours(1)});
  EXPECT_EQ(*resolve("a"), Addresses{"192.0.2.1"});
  EXPECT_EQ(*resolve("a"), Addresses{"192.0.2.1"});
  EXPECT_EQ(*resolve("ab"), Addresses{"192.0.2.2"});
  EXPECT_EQ(lookups, 2);
  resolver->forget("a");
  resolver->forget("unknown");
  EXPECT_TRUE(resolve("a").has_value());
  EXPECT_EQ(lookups, 3);
  make(count);  // keeps nothing
  EXPECT_TRUE(resolve("a").has_value());
  EXPECT_TRUE(resolve("a").has_value());
  EXPECT_EQ(lookups, 5);
}

TEST_F(ResolverTest, AFailureIsNotKept) {
  make(
      [this](const std::string&) -> Result<Addresses> {
        if (++lookups == 1) return fail(ErrorCode::kDnsFailed, "try again");
        return Addresses{"192.0.2.1"};
      },
      {.cache_for = std::chrono::hours(1)});
  EXPECT_EQ(resolve("a").error().text, "try again");
  EXPECT_TRUE(resolve("a").has_value());
}

TEST_F(ResolverTest, RequestsForOneNameShareOneLookup) {
  std::latch all_wait(1);
  make([&](const std::string&) -> Result<Addresses> {
    ++lookups;
    all_wait.wait();
    return Addresses{"192.0.2.1"};
  });
  const auto first = start("a");
  const auto second = start("a");
  const auto third = start("a");
  io.poll();
  all_wait.count_down();
  for (const auto& wait : {first, second, third}) EXPECT_TRUE(finish(wait).has_value());
  EXPECT_EQ(lookups, 1);
}

TEST_F(ResolverTest, ASlowNameDelaysNoOther) {
  std::latch slow_may_end(1);
  make([&](const std::string& host) -> Result<Addresses> {
    if (host == "slow") slow_may_end.wait();
    return Addresses{"192.0.2.1"};
  });
  const auto slow = start("slow");
  EXPECT_TRUE(resolve("quick").has_value());
  EXPECT_FALSE(slow->answer.has_value());
  slow_may_end.count_down();
  EXPECT_TRUE(finish(slow).has_value());
}

TEST_F(ResolverTest, WhoIsWokenEarlyGivesUpAndTheOthersGoOnWaiting) {
  std::latch may_end(1);
  make([&](const std::string&) -> Result<Addresses> {
    may_end.wait();
    return Addresses{"192.0.2.1"};
  });
  const auto impatient = start("a");
  const auto patient = start("a");
  io.poll();
  impatient->woken.wake();
  EXPECT_EQ(finish(impatient).error().code, ErrorCode::kTimedOut);
  may_end.count_down();
  EXPECT_TRUE(finish(patient).has_value());
}

TEST_F(ResolverTest, MayEndBeforeItsAnswerIsTaken) {
  make([](const std::string&) -> Result<Addresses> { return Addresses{"192.0.2.1"}; });
  const auto wait = start("a");
  io.poll();
  wait->woken.wake();
  io.poll();
  resolver.reset();
  io.restart();
  io.run();
  EXPECT_TRUE(wait->answer.has_value());
}

TEST_F(ResolverTest, TheCacheHasAnEnd) {
  make(
      [this](const std::string&) -> Result<Addresses> {
        ++lookups;
        return Addresses{"192.0.2.1"};
      },
      {.cache_for = std::chrono::hours(1), .names_max = 2});
  for (const char* host : {"a", "b", "b", "c", "c"}) EXPECT_TRUE(resolve(host).has_value());
  EXPECT_EQ(lookups, 3);
  EXPECT_TRUE(resolve("a").has_value());
  EXPECT_EQ(lookups, 4);
}

TEST_F(ResolverTest, LookupsOfOneKeyAreBoundedAndDelayNoOtherKey) {
  make_scripted({.lookups_max = 8, .lookups_per_key_max = 2});
  for (const char* host : {"a1", "a2", "a3", "a4"}) start(host, 1);
  EXPECT_EQ(running(), "a1 a2");
  const auto other = start("b1", 2);
  EXPECT_EQ(running(), "a1 a2 b1");
  answer("b1");
  EXPECT_TRUE(other->answer.has_value());
  answer("a2");
  EXPECT_EQ(running(), "a1 a3");
  answer("a1");
  answer("a3");
  answer("a4");
}

TEST_F(ResolverTest, WhenAllLookupsRunTheKeysTakeTurns) {
  make_scripted({.lookups_max = 4, .lookups_per_key_max = 100});
  for (const char* host : {"a1", "a2", "a3", "a4", "a5"}) start(host, 1);
  EXPECT_EQ(running(), "a1 a2 a3");  // a quarter is left to other keys
  for (const char* host : {"b1", "b2", "b3"}) start(host, 2);
  start("c1", 3);
  EXPECT_EQ(running(), "a1 a2 a3 b1");
  answer("a1");
  EXPECT_EQ(running(), "a2 a3 b1 c1");
  answer("c1");
  answer("b1");
  EXPECT_EQ(running(), "a2 a3 a4 b2");
  answer("a2");
  EXPECT_EQ(running(), "a3 a4 b2");
  answer("b2");
  EXPECT_EQ(running(), "a3 a4 a5 b3");
  for (const char* host : {"a3", "a4", "b3", "a5"}) answer(host);
  EXPECT_EQ(running(), "");
}

TEST_F(ResolverTest, ANameThatTwoKeysWaitForIsAskedForAtTheFirstTurn) {
  make_scripted({.lookups_max = 8, .lookups_per_key_max = 1});
  start("a1", 1);
  const auto first = start("shared", 1);
  EXPECT_EQ(running(), "a1");
  const auto second = start("shared", 2);
  EXPECT_EQ(running(), "a1 shared");
  answer("shared");
  EXPECT_TRUE(first->answer && second->answer);
  answer("a1");
  EXPECT_EQ(running(), "");
}

TEST_F(ResolverTest, WhoWaitsForATurnInVainLacksTheServersOwn) {
  make_scripted({.lookups_max = 8, .lookups_per_key_max = 1});
  const auto runs = start("a1", 1);
  const auto waits = start("a2", 1);
  EXPECT_EQ(running(), "a1");
  waits->woken.wake();
  EXPECT_EQ(finish(waits).error().code, ErrorCode::kResolverBusy);
  runs->woken.wake();
  EXPECT_EQ(finish(runs).error().code, ErrorCode::kTimedOut);
  answer("a1");
  EXPECT_EQ(running(), "");  // nobody waits for a2 any more
}

TEST_F(ResolverTest, ALookupThatNeverEndsGivesItsPlaceBack) {
  make_scripted({.lookup_timeout = Duration{20}, .lookups_max = 8, .lookups_per_key_max = 1});
  const auto first = start("a1", 1);
  const auto second = start("a2", 1);
  EXPECT_EQ(finish(first).error().code, ErrorCode::kDnsFailed);
  EXPECT_EQ(running(), "a1 a2");
  answer("a1");  // too late, and no harm
  answer("a2");
  EXPECT_TRUE(second->answer && second->answer->has_value());
}

TEST(SystemLookup, FindsTheLoopbackAddressesByAnySpelling) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433"}) {
    const auto found = system_lookup(host);
    ASSERT_TRUE(found.has_value()) << host;
    EXPECT_TRUE(found->front() == "127.0.0.1" || found->front() == "::1") << found->front();
  }
}

}  // namespace
}  // namespace ferry::http
