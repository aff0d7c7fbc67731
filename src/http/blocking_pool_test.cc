#include "http/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace ferry::http {
namespace {

struct Places {
  std::thread::id before, during, after;
};

Awaitable<void> visit(BlockingPool* pool, Places* places) {
  places->before = std::this_thread::get_id();
  co_await pool->run([places] { places->during = std::this_thread::get_id(); });
  places->after = std::this_thread::get_id();
}

Awaitable<void> add_one(BlockingPool* pool, int* count) {
  co_await pool->run([] {});
  ++*count;  // on the one thread of the io_context, so without a lock
}

TEST(BlockingPool, RunsTheCallElsewhereAndComesBack) {
  BlockingPool pool(1);
  asio::io_context io;
  Places places;
  asio::co_spawn(io.get_executor(), visit(&pool, &places), asio::detached);
  io.run();
  EXPECT_EQ(places.before, std::this_thread::get_id());
  EXPECT_NE(places.during, std::this_thread::get_id());
  EXPECT_EQ(places.after, std::this_thread::get_id());
}

TEST(BlockingPool, ServesManyCoroutines) {
  BlockingPool pool(4);
  asio::io_context io;
  int count = 0;
  for (int i = 0; i < 1000; ++i) {
    asio::co_spawn(io.get_executor(), add_one(&pool, &count), asio::detached);
  }
  io.run();
  EXPECT_EQ(count, 1000);
}

Awaitable<void> note_turn(BlockingPool* pool, std::uint64_t owner, std::string* order) {
  co_await pool->run_in_turn({.owner = owner}, [] {});
  *order += static_cast<char>('0' + owner);  // on the one thread of the io_context
}

TEST(BlockingPool, OwnersTakeTurnsHoweverManyCallsOneOfThemHas) {
  BlockingPool pool(1);
  asio::io_context io;
  std::promise<void> all_wait;
  pool.post([&] { all_wait.get_future().wait(); });
  std::string order;
  for (const std::uint64_t owner : {1u, 1u, 1u, 1u, 2u, 3u, 2u}) {
    asio::co_spawn(io.get_executor(), note_turn(&pool, owner, &order), asio::detached);
  }
  io.poll();
  all_wait.set_value();
  io.run();
  EXPECT_EQ(order, "1231211");
}

Awaitable<void> note_rest(BlockingPool* pool, std::uint64_t owner, std::string* order) {
  co_await pool->run_in_turn({.owner = owner, .goes_on = true}, [] {});
  *order += 'r';
}

TEST(BlockingPool, WhatGoesOnComesBeforeWhatItsOwnerHasInLine) {
  BlockingPool pool(1);
  asio::io_context io;
  std::promise<void> all_wait;
  pool.post([&] { all_wait.get_future().wait(); });
  std::string order;
  for (const std::uint64_t owner : {1u, 1u, 2u}) {
    asio::co_spawn(io.get_executor(), note_turn(&pool, owner, &order), asio::detached);
  }
  asio::co_spawn(io.get_executor(), note_rest(&pool, 1, &order), asio::detached);
  io.poll();
  all_wait.set_value();
  io.run();
  EXPECT_EQ(order, "r211");
}

Awaitable<void> hold_thread(BlockingPool* pool, std::uint64_t owner, std::shared_future<void> end) {
  co_await pool->run_in_turn({.owner = owner}, [end] { end.wait(); });
}

TEST(BlockingPool, OfTwoThreadsAnOwnerLeavesOneToTheOthers) {
  BlockingPool pool(2);
  asio::io_context io;
  std::promise<void> end;
  const std::shared_future<void> ended(end.get_future());
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(io.get_executor(), hold_thread(&pool, 1, ended), asio::detached);
  }
  std::string order;
  asio::co_spawn(io.get_executor(), note_turn(&pool, 2, &order), asio::detached);
  while (order.empty()) io.run_one();  // although the calls of owner 1 came first and do not end
  EXPECT_EQ(order, "2");
  end.set_value();
  io.run();
}

TEST(BlockingPool, RunsAsManyCallsAtOnceAsItHasThreads) {
  BlockingPool pool(2);
  std::promise<void> first_runs, second_runs, first_done, second_done;
  pool.post([&] {
    first_runs.set_value();
    second_runs.get_future().wait();
    first_done.set_value();
  });
  pool.post([&] {
    first_runs.get_future().wait();
    second_runs.set_value();
    second_done.set_value();
  });
  first_done.get_future().wait();
  second_done.get_future().wait();
}

TEST(BlockingPool, EndingWaitsForWhatRuns) {
  std::promise<void> runs, release;
  std::atomic<bool> ended = false;
  auto pool = std::make_unique<BlockingPool>(1);
  pool->post([&] {
    runs.set_value();
    release.get_future().wait();
    ended = true;
  });
  runs.get_future().wait();
  std::thread ending([&] { pool.reset(); });
  release.set_value();
  ending.join();
  EXPECT_TRUE(ended);
}

TEST(BlockingPoolDeathTest, ACallThatThrowsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        BlockingPool pool(1);
        std::promise<void> never;
        pool.post([] { throw std::runtime_error("no"); });  // tree: allow
        never.get_future().wait();
      },
      "does not throw");
}

}  // namespace
}  // namespace ferry::http
