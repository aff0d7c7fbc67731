#include "api/fc/nonces.h"

#include <gtest/gtest.h>

namespace ferry::api::fc {
namespace {

constexpr TimePoint kStart = from_unix_ms(1'000'000'000'000);
constexpr Duration kWindow = std::chrono::minutes(30);

TEST(NonceBook, TakesANonceOfAKeyOnceInItsWindow) {
  NonceBook book;
  EXPECT_TRUE(book.take("a", "1", kStart, kWindow));
  EXPECT_FALSE(book.take("a", "1", kStart + kWindow, kWindow));
  EXPECT_TRUE(book.take("b", "1", kStart, kWindow));
  EXPECT_TRUE(book.take("a", "2", kStart, kWindow));
  EXPECT_TRUE(book.take("a", "1", kStart + kWindow + Duration(1), kWindow));
}

TEST(NonceBook, ForgetsTheOldestWhenItIsFull) {
  NonceBook book(2);
  EXPECT_TRUE(book.take("a", "1", kStart, kWindow));
  EXPECT_TRUE(book.take("a", "2", kStart, kWindow));
  EXPECT_TRUE(book.take("a", "3", kStart, kWindow));
  EXPECT_FALSE(book.take("a", "2", kStart, kWindow));
  EXPECT_TRUE(book.take("a", "1", kStart, kWindow));
}

}  // namespace
}  // namespace ferry::api::fc
