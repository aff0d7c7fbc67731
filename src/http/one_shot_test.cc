#include "http/one_shot.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace ferry::http {
namespace {

Awaitable<void> wait_for(OneShot* signal, int* passed) {
  co_await signal->wait();
  ++*passed;
}

void spawn(asio::io_context& io, OneShot& signal, int& passed) {
  asio::co_spawn(io.get_executor(), wait_for(&signal, &passed), asio::detached);
}

TEST(OneShot, TheWaiterGoesOnOnceWoken) {
  asio::io_context io;
  OneShot signal;
  int passed = 0;
  spawn(io, signal, passed);
  io.poll();
  EXPECT_EQ(passed, 0);
  signal.wake();
  EXPECT_EQ(passed, 0);  // never inside wake()
  io.run();
  EXPECT_EQ(passed, 1);
}

TEST(OneShot, RemembersAWakeBeforeTheWait) {
  asio::io_context io;
  OneShot signal;
  int passed = 0;
  signal.wake();
  spawn(io, signal, passed);
  io.run();
  EXPECT_EQ(passed, 1);
}

TEST(OneShot, WakingTwiceIsWakingOnce) {
  asio::io_context io;
  OneShot signal;
  int passed = 0;
  spawn(io, signal, passed);
  io.poll();
  signal.wake();
  signal.wake();
  io.run();
  EXPECT_EQ(passed, 1);
}

TEST(OneShot, AWaiterKeepsTheLoopRunning) {
  asio::io_context io;
  OneShot signal;
  int passed = 0;
  spawn(io, signal, passed);
  io.poll();
  EXPECT_FALSE(io.stopped());
  signal.wake();
  io.run();
}

TEST(OneShot, MayGoUnused) {
  OneShot never_waited_for;
  never_waited_for.wake();
}

}  // namespace
}  // namespace ferry::http
