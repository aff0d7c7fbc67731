#include "base/turn_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace ferry {
namespace {

constexpr auto kAny = [](std::uint64_t) { return true; };

std::string pop_all(TurnQueue<char>& queue) {
  std::string items;
  while (const auto item = queue.pop(kAny)) items += *item;
  return items;
}

TEST(TurnQueue, KeysTakeTurnsAndItemsOfOneKeyKeepTheirOrder) {
  TurnQueue<char> queue;
  for (const char item : std::string("abcd")) queue.push(1, item);
  queue.push(2, 'x');
  queue.push(3, 'y');
  queue.push(2, 'z');
  EXPECT_EQ(queue.size(), 7u);
  EXPECT_EQ(queue.size_of(1), 4u);
  EXPECT_EQ(pop_all(queue), "axybzcd");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size_of(1), 0u);
}

TEST(TurnQueue, AKeyThatComesLaterWaitsForOneItemOfEachOther) {
  TurnQueue<char> queue;
  for (const char item : std::string("abc")) queue.push(1, item);
  EXPECT_EQ(queue.pop(kAny), 'a');
  queue.push(2, 'x');
  EXPECT_EQ(queue.pop(kAny), 'b');
  EXPECT_EQ(queue.pop(kAny), 'x');
  EXPECT_EQ(queue.pop(kAny), 'c');
  EXPECT_EQ(queue.pop(kAny), std::nullopt);
}

TEST(TurnQueue, AKeyThatMayNotGoKeepsItsTurn) {
  TurnQueue<char> queue;
  queue.push(1, 'a');
  queue.push(2, 'x');
  queue.push(2, 'y');
  const auto not_the_first = [](std::uint64_t key) { return key != 1; };
  EXPECT_EQ(queue.pop(not_the_first), 'x');
  EXPECT_EQ(queue.pop(kAny), 'a');
  EXPECT_EQ(queue.pop(not_the_first), 'y');
}

TEST(TurnQueue, AnItemCanBeTakenOut) {
  TurnQueue<char> queue;
  queue.push(1, 'a');
  queue.push(1, 'b');
  queue.push(2, 'x');
  EXPECT_TRUE(queue.erase(1, 'a'));
  EXPECT_FALSE(queue.erase(1, 'a'));
  EXPECT_FALSE(queue.erase(3, 'a'));
  EXPECT_TRUE(queue.erase(2, 'x'));
  EXPECT_EQ(pop_all(queue), "b");
}

}  // namespace
}  // namespace ferry
