#include "http/resolver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <latch>
#include <optional>

namespace ferry::http {
namespace {

using Addresses = Resolver::Addresses;

struct ResolverTest : testing::Test {
  struct Wait {
    OneShot woken;
    std::optional<Result<Addresses>> answer;
  };

  void make(Resolver::Lookup lookup, Resolver::Options options = {}) {
    options.lookup = std::move(lookup);
    resolver = std::make_unique<Resolver>(io, std::move(options));
  }

  std::shared_ptr<Wait> start(const std::string& host) {
    auto wait = std::make_shared<Wait>();
    asio::co_spawn(io.get_executor(), resolver->resolve(host, wait->woken),
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

TEST(SystemLookup, FindsTheLoopbackAddressesByAnySpelling) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433"}) {
    const auto found = system_lookup(host);
    ASSERT_TRUE(found.has_value()) << host;
    EXPECT_TRUE(found->front() == "127.0.0.1" || found->front() == "::1") << found->front();
  }
}

}  // namespace
}  // namespace ferry::http
